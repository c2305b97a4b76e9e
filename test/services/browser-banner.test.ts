import helmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'
import { launch, needsChromium } from '../kit/chromium.js'
import { violations } from '../kit/window.js'

t.setTimeout(180_000)

/** Where pictures go, for whoever wants to look at them. */
const pictures = process.env['PICTURES']

const everyone = () => [
  ...people(),
  person(7, 'long', { firstName: 'Wilhelmina-Alexandrina', lastName: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft' }),
  person(8, 'omar', { firstName: 'عمر', lastName: 'الخيام (٧)' })
]

const content = `<main><h1>Orders</h1><p><a id="first" href="/page">A link of the page</a></p>${'<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.</p>'.repeat(40)}<p id="last">The last line</p></main>`
const page = (head = '', body = '') => `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Orders</title>${head}</head><body>${body || content}</body></html>`

interface Scene extends BuildOptions {
  id?: number
  policy?: string
  html?: string
  context?: BrowserContextOptions
}

const root = t
let chromium: Promise<Browser> | undefined

/** Sam opens the application's page in Chromium while seeing it as somebody else. */
async function open (t: Test, { id = 3, policy = "default-src 'self'", html = page(), context = {}, ...options }: Scene = {}) {
  const app = await build(t, {
    banner: true,
    people: everyone(),
    maxDuration: 1500,
    readOnly: true,
    ...options,
    after: async (app: FastifyInstance) => {
      app.get('/page', async (request, reply) => {
        if (policy !== '') reply.header('content-security-policy', policy)
        return reply.type('text/html; charset=utf-8').send(html)
      })
      app.get('/', async (request, reply) => reply.type('text/html').send('<!doctype html><title>Home</title><h1>Home</h1>'))
      app.get('/favicon.ico', async (request, reply) => reply.code(204).send())
      await options.after?.(app)
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson(`/impersonate/${id}/`)
  const origin = await app.listen({ port: 0, host: 'localhost' })
  chromium ??= launch(root)
  const window = await (await chromium).newContext(context)
  t.teardown(async () => { await window.close() })
  await window.addCookies([...sam.jar].map(([name, value]) => ({ name, value: encodeURIComponent(value), url: origin })))
  const view = await window.newPage()
  const complaints: string[] = []
  view.on('console', message => { if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text()) })
  view.on('pageerror', error => { complaints.push(String(error)) })
  await view.goto(`${origin}/page`)
  return { app, view, complaints, sam, origin }
}

const banner = (view: Page) => view.locator('impersonate-banner section')

/** Playwright's own waiting evaluates within the page, where the policy forbids it. */
async function until (view: Page, condition: string): Promise<void> {
  while (await view.evaluate(condition) !== true) await pause(20)
}

async function picture (view: Page, name: string): Promise<void> {
  if (pictures !== undefined) await view.screenshot({ path: join(pictures, `${name}.png`) })
}

// What the browser is asked is text: its types are none of this project's.
const SECTION = "document.querySelector('impersonate-banner').shadowRoot.querySelector('section')"
const style = async (view: Page, name: string) => await view.evaluate<string>(`getComputedStyle(${SECTION})['${name}']`)
/** What is seen at a place within an element. */
const seenAt = async (view: Page, selector: string) => await view.evaluate<string>(`(() => {
  const { x, y, width, height } = document.querySelector('${selector}').getBoundingClientRect()
  return document.elementFromPoint(x + Math.min(width, 200) / 2, y + Math.min(height, 40) / 2)?.localName
})()`)
const SWAP = `(async () => {
  const text = await (await fetch('/page', { headers: { accept: 'text/html' } })).text()
  document.body.replaceWith(document.adoptNode(new DOMParser().parseFromString(text, 'text/html').body))
})()`
const FOCUSED = '(document.activeElement.shadowRoot?.activeElement ?? document.activeElement).textContent'
/** All that is computed, except what follows from the room that there is. */
const STYLES = `[...document.querySelectorAll('html, head, body, main, main *')].map(element => {
  const styles = getComputedStyle(element)
  return [...styles].filter(name => !/height|block-size|origin/.test(name)).map(name => styles.getPropertyValue(name)).join()
})`
const STICKS_OUT = `document.documentElement.scrollWidth > innerWidth ||
  [...${SECTION}.querySelectorAll('*')].some(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth + 1)`

t.test('under a strict policy nothing is complained about, and the banner has its styles', needsChromium, async t => {
  const { view, complaints } = await open(t)
  await banner(view).waitFor()
  t.equal(await style(view, 'display'), 'grid')
  await until(view, 'customElements.get("impersonate-banner") !== undefined')
  await picture(view, 'page')
  t.strictSame(complaints, [])
})

for (const policy of ['nonces alone', 'nonces and strict-dynamic']) {
  t.test(`under a policy of ${policy} as well`, needsChromium, async t => {
    const { view, complaints } = await open(t, {
      policy: '',
      before: async app => {
        await app.register(helmet, {
          enableCSPNonces: true,
          contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], scriptSrc: policy === 'nonces alone' ? [] : ["'strict-dynamic'"], styleSrc: [], formAction: ["'self'"] } }
        })
      }
    })
    t.equal(await style(view, 'display'), 'grid')
    await until(view, 'customElements.get("impersonate-banner") !== undefined')
    t.strictSame(complaints, [])
  })
}

t.test('axe finds nothing, light and dark, open and minimised, top and bottom', needsChromium, async t => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const position of ['top', 'bottom'] as const) {
      const { view } = await open(t, { policy: '', banner: { position }, html: page('<meta name="color-scheme" content="light dark">', '<main><h1>Orders</h1><p>Three of them</p></main>'), context: { colorScheme } })
      await picture(view, `${colorScheme}-${position}`)
      t.strictSame(await violations(view), [], `${colorScheme} ${position}`)
      await banner(view).locator('summary').click()
      await picture(view, `${colorScheme}-${position}-minimised`)
      t.strictSame(await violations(view), [], `${colorScheme} ${position} minimised`)
    }
  }
})

t.test('by keyboard it comes first, at the bottom too, and stops with Enter', needsChromium, async t => {
  for (const position of ['top', 'bottom'] as const) {
    const { view, origin } = await open(t, { banner: { position } })
    const focused = async () => await view.evaluate<string>(FOCUSED)
    await view.keyboard.press('Tab')
    t.match(await focused(), "You see this as Carl O'Brien")
    await view.keyboard.press('Tab')
    t.equal(await focused(), 'Stop impersonating')
    await picture(view, `focus-${position}`)
    await view.keyboard.press('Tab')
    t.equal(await focused(), 'A link of the page')
    await view.keyboard.press('Shift+Tab')
    await Promise.all([view.waitForURL(`${origin}/`), view.keyboard.press('Enter')])
    t.equal(await view.locator('impersonate-banner').count(), 0)
  }
})

t.test('it is a region with a name, and says all of it', needsChromium, async t => {
  const { view } = await open(t)
  const region = view.getByRole('region', { name: 'Impersonation' })
  t.equal(await region.count(), 1)
  t.match(await region.innerText(), /You see this as Carl O'Brien\s+You are sam\s+Read-only\s+25 minutes left\s+Stop impersonating/)
})

t.test('without JavaScript all of it works', needsChromium, async t => {
  const { view, origin } = await open(t, { context: { javaScriptEnabled: false } })
  const height = async () => Number((await banner(view).boundingBox())?.height)
  const [open_, facts] = [await height(), view.getByText('You are sam').first()]
  t.ok(await banner(view).getByText('25 minutes left').isVisible())
  await banner(view).locator('summary').click()
  t.ok(await height() < open_, 'minimised')
  t.notOk(await facts.isVisible())
  t.ok(await banner(view).getByText("You see this as Carl O'Brien").isVisible(), 'it still says whom one sees')
  await banner(view).getByRole('button').click()
  await view.waitForURL(`${origin}/`)
  t.equal(await view.locator('impersonate-banner').count(), 0)
})

t.test('with JavaScript the time left is kept right, and minimised stays minimised', needsChromium, async t => {
  const { view } = await open(t, { maxDuration: 4 })
  await banner(view).getByText('2 seconds left').waitFor()
  await banner(view).getByText('Time is up').waitFor()
  const later = await open(t)
  await until(later.view, 'customElements.get("impersonate-banner") !== undefined')
  await banner(later.view).locator('summary').click()
  await until(later.view, 'sessionStorage.length === 1')
  await later.view.reload()
  await banner(later.view).locator('details:not([open])').waitFor()
  await banner(later.view).locator('summary').click()
  await until(later.view, 'sessionStorage.length === 0')
  t.pass()
})

t.test('a page that a script puts in has its banner whole', needsChromium, async t => {
  const { view } = await open(t)
  await until(view, 'customElements.get("impersonate-banner") !== undefined')
  // As Turbo Drive does it.
  await view.evaluate(SWAP)
  await banner(view).waitFor()
  t.equal(await style(view, 'display'), 'grid')
  await view.evaluate('document.body.replaceWith(document.body.cloneNode(true))')
  await banner(view).waitFor()
})

t.test('where a browser knows no declarative shadow root, it is a line of text with a way out', needsChromium, async t => {
  const { view } = await open(t, { banner: { script: false } })
  await view.evaluate(SWAP)
  t.match(await view.locator('impersonate-banner').innerText(), "You see this as Carl O'Brien Stop impersonating")
  t.equal(await view.locator('impersonate-banner').getByRole('link').getAttribute('href'), '/impersonate/stop/')
})

t.test('it is not printed', needsChromium, async t => {
  for (const position of ['top', 'bottom'] as const) {
    const { view } = await open(t, { banner: { position } })
    await view.emulateMedia({ media: 'print' })
    for (const element of await view.locator('impersonate-banner').all()) t.notOk(await element.isVisible())
  }
})

const attacks = {
  'hides all': '* { display: none !important } html, body, main { display: block !important }',
  'makes all invisible': 'body > * { visibility: hidden !important; opacity: 0 !important; position: absolute !important; left: -9999px !important; transform: scale(0) !important; pointer-events: none !important }',
  'names it': 'impersonate-banner, [position] { all: unset !important; display: none !important; font-size: 1px !important; color: transparent !important; height: 0 !important; overflow: hidden !important; z-index: -1 !important; filter: opacity(0) !important; clip-path: inset(50%) !important }',
  'sets everything else': 'html { font-size: 5px } body { font: 40px cursive; letter-spacing: 1em; text-transform: uppercase; direction: rtl; text-align: right; line-height: 9; color: red; writing-mode: vertical-lr } section, details, summary, ul, li, form, button { all: unset; display: none } :root { --back: red; --text: red }'
}

for (const [name, css] of Object.entries(attacks)) {
  t.test(`the page's CSS that ${name} does not reach it`, needsChromium, async t => {
    const { view } = await open(t, { policy: '', html: page(`<style>${css}</style>`) })
    await picture(view, `attack-${name}`)
    const expected = { display: 'grid', fontSize: '14px', color: 'rgb(43, 32, 0)', backgroundColor: 'rgb(255, 224, 138)', letterSpacing: 'normal', textTransform: 'none', direction: 'ltr' }
    for (const [property, value] of Object.entries(expected)) t.equal(await style(view, property), value, property)
    t.equal(await seenAt(view, 'impersonate-banner'), 'impersonate-banner')
    t.ok(Number((await banner(view).boundingBox())?.width) > 200)
    await banner(view).getByRole('button').click()
    t.equal(await view.title(), 'Home')
  })
}

t.test('its own CSS does not reach the page, nor its form, buttons and lists the page\'s scripts', needsChromium, async t => {
  const { view } = await open(t, { policy: '' })
  const withBanner = await view.evaluate<string[]>(STYLES)
  t.strictSame(await view.evaluate("[document.forms, document.scripts, document.styleSheets, document.querySelectorAll('button, ul, section, details')].map(({ length }) => length)"), [0, 0, 0, 0])
  await view.evaluate("document.querySelector('impersonate-banner').remove()")
  t.ok(withBanner.length > 40)
  const without = await view.evaluate<string[]>(STYLES)
  t.strictSame(without.filter((styles, index) => styles !== withBanner[index]), [])
})

t.test('it covers nothing: all of the page can be scrolled clear of it', needsChromium, async t => {
  for (const position of ['top', 'bottom'] as const) {
    const { view } = await open(t, { banner: { position }, context: { viewport: { width: 700, height: 400 } } })
    for (const line of ['h1', '#last']) {
      await view.evaluate(line === '#last' ? 'scrollTo(0, document.documentElement.scrollHeight)' : 'scrollTo(0, 0)')
      await picture(view, `clear-${position}-${line.slice(-2)}`)
      t.equal(await seenAt(view, line), line === '#last' ? 'p' : line, `${position} ${line}`)
    }
    await view.evaluate('scrollTo(0, 300)')
    const { y, height } = await banner(view).boundingBox() ?? { y: NaN, height: NaN }
    t.ok(y >= 0 && y + height <= 400, 'and it stays in sight')
  }
})

t.test('bodies that are rows, columns and grids keep it in sight, and uncovered what is in them', needsChromium, async t => {
  const bodies = {
    row: 'body { display: flex } nav { width: 150px } main { flex: 1 }',
    column: 'body { display: flex; flex-direction: column; min-height: 100vh } main { flex: 1 }',
    centred: 'body { display: flex; align-items: center; justify-content: center; min-height: 100vh; margin: 0 }',
    grid: 'body { display: grid; grid-template: "nav main" auto / 150px 1fr }',
    'grid, centred': 'body { display: grid; place-items: center; min-height: 100vh; margin: 0 }',
    narrow: 'body { max-width: 30em; margin: 0 auto; padding: 2rem }'
  }
  for (const [name, css] of Object.entries(bodies)) {
    const { view } = await open(t, { policy: '', html: page(`<style>${css}</style>`, '<nav>Navigation</nav><main><h1>Orders</h1><p>Three of them</p></main>') })
    await picture(view, `body-${name}`)
    for (const selector of ['nav', 'h1', 'impersonate-banner']) t.equal(await seenAt(view, selector), selector, `${name}: ${selector}`)
    t.ok(Number((await banner(view).boundingBox())?.width) > 200, name)
  }
})

t.test('on a phone, and with names that are long or written from right to left, nothing runs out of it', needsChromium, async t => {
  for (const width of [360, 768, 1440]) {
    for (const [name, id] of [['carl', 3], ['long', 7], ['omar', 8]] as const) {
      const { view } = await open(t, { id, context: { viewport: { width, height: 640 } } })
      await picture(view, `${width}-${name}`)
      t.notOk(await view.evaluate(STICKS_OUT), `${width} ${name}`)
      t.ok(Number((await banner(view).boundingBox())?.height) <= 640 * 0.45 + 1, `${width} ${name}`)
      t.ok(await banner(view).getByRole('button').isVisible())
    }
  }
})
