// What the banner does not need, but is better with: it keeps the time left right, stays minimised from page to page, and
// gets its shadow also where a page is put in by a script, as Turbo and htmx do.
const UNITS = [['second', 60, 1], ['minute', 7200, 60], ['hour', 172800, 3600], ['day', Infinity, 86400]]
const KEY = 'impersonate-banner'

class ImpersonateBanner extends HTMLElement {
  #timer = null

  connectedCallback () {
    const template = this.querySelector('template[shadowrootmode]')
    if (this.shadowRoot === null && template !== null) this.attachShadow({ mode: 'open', clonable: true }).append(template.content)
    const details = this.shadowRoot?.querySelector('details')
    if (!details) return
    keepMinimised(details)
    const time = this.shadowRoot.querySelector('time')
    if (time === null) return
    const until = Date.now() + time.dataset.seconds * 1000
    const tell = () => { tellTimeLeft(time, Math.round((until - Date.now()) / 1000)) }
    this.#timer = setInterval(tell, 1000)
  }

  disconnectedCallback () {
    clearInterval(this.#timer)
  }
}

function tellTimeLeft (time, left) {
  // Kept for a page that is put in again.
  time.dataset.seconds = left
  const [unit, , seconds] = UNITS.find(([, upTo]) => left < upTo)
  const format = new Intl.NumberFormat(time.closest('[lang]').lang, { style: 'unit', unit, unitDisplay: 'long' })
  const text = left > 0 ? time.dataset.left.replace('{time}', () => format.format(Math.round(left / seconds))) : time.dataset.up
  if (time.textContent !== text) time.textContent = text
}

/** For this impersonation, and in this window: the next one is open again. */
function keepMinimised (details) {
  try {
    if (sessionStorage.getItem(KEY) === details.dataset.id) details.open = false
  } catch {
    // The browser lets nobody keep anything.
    return
  }
  details.addEventListener('toggle', () => {
    if (details.open) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, details.dataset.id)
  })
}

if (customElements.get('impersonate-banner') === undefined) customElements.define('impersonate-banner', ImpersonateBanner)
