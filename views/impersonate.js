// What makes the pages quicker to use. Without it everything works all the same.

const search = document.querySelector('form[role=search]')
const box = search?.querySelector('input[type=search]')

// Search as you type: the same page is asked for, and its answer put in the place of the last one.
if (search && box && document.getElementById('results')) {
  let shown = box.value.trim()
  let timer
  let running

  box.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(look, 200)
  })
  search.addEventListener('submit', event => {
    event.preventDefault()
    clearTimeout(timer)
    look()
  })

  async function look () {
    const asked = box.value.trim()
    if (asked === shown && running === undefined) return
    running?.abort()
    const own = running = new AbortController()
    const address = new URL(search.action)
    address.search = String(new URLSearchParams(new FormData(search)))
    const results = document.getElementById('results')
    results.setAttribute('aria-busy', 'true')
    try {
      const answer = await fetch(address, { headers: { accept: 'text/html' }, signal: own.signal })
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      // Signed out, or the application does not answer: the page itself shows what is the matter.
      if (!answer.ok || page.getElementById('results') === null) return location.assign(address)
      for (const id of ['count', 'everyone', 'results']) document.getElementById(id).replaceChildren(...page.getElementById(id).childNodes)
      shown = asked
      history.replaceState(null, '', address)
    } catch (error) {
      if (own.signal.aborted) return
      location.assign(address)
    } finally {
      if (running === own) {
        running = undefined
        results.removeAttribute('aria-busy')
      }
    }
  }
}

// `/` to search; arrows from the search to the people and among them; Enter is the button's own.
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !box) return
  const isTyping = event.target.matches('input, select, textarea')
  if (event.key === '/' && !isTyping) {
    event.preventDefault()
    box.focus()
    box.select()
  }
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const stops = [box, ...document.querySelectorAll('#results .action :is(summary, details:not([open]) button, form:not(details form) button)')]
  const at = stops.indexOf(event.target)
  const next = stops[at + (event.key === 'ArrowDown' ? 1 : -1)]
  if (at === -1 || next === undefined) return
  event.preventDefault()
  next.focus()
})

// A second click, while the first is under way, starts nothing more.
document.addEventListener('submit', event => {
  const { target: form, submitter } = event
  if (form.method !== 'post' || form.target === '_blank') return
  if (form.dataset.sent) event.preventDefault()
  form.dataset.sent = 'yes'
  submitter?.setAttribute('aria-disabled', 'true')
})
// Back from the page that it led to.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent
  for (const button of document.querySelectorAll('[aria-disabled]')) button.removeAttribute('aria-disabled')
})

document.addEventListener('click', async event => {
  const button = event.target.closest('[data-copy]')
  if (!button) return
  await navigator.clipboard.writeText(button.dataset.copy)
  button.textContent = button.dataset.copied
})
// Only where the browser allows it: https and localhost.
if (navigator.clipboard) for (const button of document.querySelectorAll('[data-copy]')) button.hidden = false

// `5 minutes ago` stays true while the page is open.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'auto' })
setInterval(() => {
  for (const time of document.querySelectorAll('time[data-ago]')) {
    let amount = (Date.parse(time.dateTime) - Date.now()) / 1000
    for (const [unit, most] of [['second', 60], ['minute', 60], ['hour', 24]]) {
      if (Math.abs(Math.round(amount)) < most) {
        time.textContent = relative.format(Math.round(amount), unit)
        break
      }
      amount /= most
    }
  }
}, 10_000)
