// For the application's own pages. A page that comes back from a cache of the browser's (the back button, another tab, a service
// worker) may have been made for somebody else: the status route says who one is now, and such a page is loaded again.
const KEY = 'impersonate-page-state'
const { impersonateStatus: address, impersonateState: given } = document.querySelector('script[data-impersonate-status]').dataset

/** As whom the page was made; where its tag does not say so, what the first answer says. */
let made = given

async function compare () {
  const now = await ask()
  if (now === undefined) return
  made ??= now
  if (made === now) keep(null)
  // Where loading again has brought the same old page, something serves no other.
  else if (keep(now)) location.reload()
}

/** As whom a page would be made now; undefined where that cannot be told. */
async function ask () {
  try {
    const answer = await fetch(address, { headers: { accept: 'application/json' }, cache: 'no-store' })
    if (answer.status === 409) return 'ended'
    const { impersonation, ended } = await answer.json()
    return ended ? 'ended' : impersonation?.id ?? (answer.ok ? 'none' : undefined)
  } catch {
    // Without the application nothing of this page can be sent either.
    return undefined
  }
}

/** Notes what the page is loaded again for; false where it has been already. */
function keep (state) {
  try {
    if (state !== null && sessionStorage.getItem(KEY) === state) return false
    if (state === null) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, state)
    return true
  } catch {
    // The browser lets nobody keep anything, so nothing would end a circle.
    return false
  }
}

addEventListener('pageshow', ({ persisted }) => { if (persisted) compare() })
document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') compare() })
compare()
