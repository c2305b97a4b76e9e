import t, { type Test } from 'tap'
import type { Browser, Page } from 'playwright-core'
import { people, person, type BuildOptions } from '../kit/build.js'
import { launch, needsChromium } from '../kit/chromium.js'
import { listen, openWindow, violations } from '../kit/window.js'

t.setTimeout(120_000)

t.test('the pages in a browser', needsChromium, async t => {
  const browser = await launch(t)
  const long = 'Maximiliane-Alexandrine von und zu Hohenlohe-Waldenburg-Schillingsfürst-Sayn-Wittgenstein-Berleburg'
  const everyone = [...people(), person(7, 'maxi', { firstName: long }), person(8, 'layla', { firstName: 'ليلى', lastName: 'الحسيني' })]
  const open = async (t: Test, id = 2, { browser: options = {}, ...more }: BuildOptions & { browser?: Parameters<Browser['newContext']>[0] } = {}) => {
    const { app, origin } = await listen(t, { people: everyone, ...more })
    return { app, origin, ...await openWindow(t, browser, origin, id, options) }
  }
  const heading = async (page: Page) => await page.locator('h1').innerText()
  const says = async (page: Page) => await page.locator('main p').first().innerText()
  const count = (page: Page) => page.getByRole('status')

  t.test('the whole story by mouse: found, seen as they see it, and out again', async t => {
    const { page, problems } = await open(t)
    await page.goto('/')
    await page.getByRole('link', { name: 'Impersonate' }).click()
    await page.getByRole('searchbox').fill('brien')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByText('1 person matches “brien”').waitFor()
    t.equal(await page.locator('mark').first().innerText(), 'Brien')
    await page.getByRole('button', { name: 'Impersonate: Carl O\'Brien' }).click()
    await page.waitForURL('/')
    t.equal(await says(page), 'sam as carl')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.waitForURL('/')
    t.equal(await says(page), 'You are sam')
    t.same(problems, [])
  })

  t.test('the same with the keyboard alone, and it searches while one types', async t => {
    const { page, problems } = await open(t)
    await page.goto('/impersonate/list/')
    t.equal(await page.evaluate('document.activeElement.id'), 'q')
    await page.keyboard.press('Tab')
    await page.keyboard.press('/')
    t.equal(await page.evaluate('document.activeElement.id'), 'q', '/ leads to the search')
    await page.keyboard.type('cleo')
    await page.getByText('1 person matches “cleo”').waitFor()
    t.match(page.url(), '/impersonate/search/?q=cleo')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL('/')
    t.equal(await says(page), 'sam as cleo')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('You are sam').waitFor()
    t.same(problems, [])
  })

  t.test('arrows go through the people and back to the search', async t => {
    const { page } = await open(t)
    await page.goto('/impersonate/list/')
    const focused = async () => await page.evaluate('document.activeElement.ariaLabel ?? document.activeElement.id')
    const seen: unknown[] = []
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowUp']) {
      await page.keyboard.press(key)
      seen.push(await focused())
    }
    t.same(seen, ['Impersonate: Carl O\'Brien', 'Impersonate: cleo', 'Impersonate: Carl O\'Brien', 'q', 'q'])
  })

  t.test('of what is typed the last is shown, however slow the first answer was', async t => {
    let release = () => {}
    const held = new Promise<void>(resolve => { release = resolve })
    const { page } = await open(t, 2, {
      customUserQueryset: async request => {
        if (request.url.includes('q=ca')) await held
        return () => true
      }
    })
    await page.goto('/impersonate/list/')
    const first = page.waitForRequest(/q=ca/)
    await page.keyboard.type('ca')
    await first
    await page.getByRole('searchbox').fill('cleo')
    await page.getByText('1 person matches “cleo”').waitFor()
    release()
    await page.waitForTimeout(200)
    t.equal(await count(page).innerText(), '1 person matches “cleo”')
  })

  t.test('signed out meanwhile, the search leads to sign in', async t => {
    const { page, context } = await open(t, 2, { after: app => app.get('/login', async (request, reply) => await reply.type('text/html').send('<h1>Sign in</h1>')) })
    await page.goto('/impersonate/list/')
    await context.request.post('/sign-out')
    await page.keyboard.type('carl')
    await page.waitForURL(/\/login\?next=/)
    t.equal(await heading(page), 'Sign in')
  })

  t.test('all of it works without scripts', async t => {
    const { page } = await open(t, 1, { browser: { javaScriptEnabled: false }, requireReason: { minLength: 5 } })
    await page.goto('/impersonate/list/')
    await page.getByRole('searchbox').fill('cleo')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.locator('summary', { hasText: 'cleo' }).click()
    await page.getByLabel('Reason').fill('Ticket 7')
    await page.getByRole('button', { name: 'Impersonate: cleo' }).click()
    await page.waitForURL('/')
    t.equal(await says(page), 'ada as cleo')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.goto('/impersonate/log/')
    t.match(await page.getByRole('row').nth(1).innerText(), /Stopped[^]*Ticket 7/)
  })

  t.test('a reason that is refused is asked for again, with what was given', async t => {
    const { page } = await open(t, 2, { requireReason: { validate: reason => reason.startsWith('T-') || 'It starts with T-' } })
    await page.goto('/impersonate/search/?q=cleo')
    await page.locator('summary', { hasText: 'cleo' }).click()
    await page.getByLabel('Reason').fill('because')
    await page.getByRole('button', { name: 'Impersonate: cleo' }).click()
    t.equal(await page.getByRole('alert').innerText(), 'It starts with T-.')
    t.equal(await page.getByLabel('Reason').inputValue(), 'because')
    await page.getByLabel('Reason').fill('T-5')
    await page.getByRole('button', { name: 'Impersonate' }).click()
    await page.waitForURL('/')
    t.equal(await says(page), 'sam as cleo')
  })

  t.test('a double click starts one, and back after the stop starts nothing', async t => {
    const { page, app, context } = await open(t, 1)
    await page.goto('/impersonate/search/?q=cleo')
    await page.getByRole('button', { name: 'Impersonate: cleo' }).dblclick()
    await page.waitForURL('/')
    t.equal(await says(page), 'ada as cleo')
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('You are ada').waitFor()
    await page.goBack()
    await page.goBack()
    await page.goto('/')
    t.equal(await says(page), 'You are ada')
    const { logs } = await (await context.request.get('/impersonate/log/', { headers: { accept: 'application/json' } })).json()
    t.same(logs.map(({ endReason }: { endReason: string }) => endReason), ['stopped'])
    t.ok(app)
  })

  t.test('of two tabs, the one that was left open starts nothing while the other impersonates', async t => {
    const { page, context } = await open(t)
    await page.goto('/impersonate/search/?q=cleo')
    const other = await context.newPage()
    await other.goto('/impersonate/search/?q=brien')
    await other.getByRole('button', { name: 'Impersonate: Carl O\'Brien' }).click()
    await other.waitForURL('/')
    await page.getByRole('button', { name: 'Impersonate: cleo' }).click()
    await page.waitForLoadState()
    await other.reload()
    t.equal(await says(other), 'sam as carl')
  })

  t.test('a live one is ended from the page of all, after a question, and its window is told', async t => {
    const { page, origin, problems } = await open(t, 1)
    const sam = await openWindow(t, browser, origin, 2)
    await sam.page.goto('/impersonate/search/?q=cleo')
    await sam.page.getByRole('button', { name: 'Impersonate: cleo' }).click()
    await sam.page.waitForURL('/')
    await page.goto('/impersonate/sessions/')
    await page.locator('summary', { hasText: 'sam as cleo' }).click()
    await page.getByRole('button', { name: 'End it now' }).click()
    await page.getByRole('heading', { name: 'Nobody is being impersonated' }).waitFor()
    await sam.page.reload()
    t.equal(await heading(sam.page), 'The impersonation is over')
    t.match(await sam.page.locator('main').innerText(), 'It was ended by ada')
    await sam.page.getByRole('link', { name: 'Go on' }).click()
    t.equal(await says(sam.page), 'You are sam')
    t.same(problems, [])
  })

  t.test('the id of an entry is copied, and the log is taken along', async t => {
    const { page, context, origin } = await open(t, 1)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin })
    await context.request.post('/impersonate/3/')
    await context.request.post('/impersonate/stop/')
    await page.goto('/impersonate/log/')
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()])
    t.match(download.suggestedFilename(), /^impersonation-log-.*\.csv$/)
    await page.getByRole('row').nth(1).getByRole('link').click()
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    t.equal(await page.evaluate('navigator.clipboard.readText()'), new URL(page.url()).pathname.split('/')[3])
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    t.test(`axe finds nothing wrong with any page, in ${colorScheme}, wide and on a phone, which is never wider than it is`, async t => {
      const { page, context, origin, problems } = await open(t, 1, {
        browser: { colorScheme }, adminReadOnly: false, adminDeletePermission: true, adminAddPermission: true, paginateCount: 4, requireReason: true
      })
      const sam = await openWindow(t, browser, origin, 2)
      const start = async (request: typeof context.request, id: number) => await request.post(`/impersonate/${id}/`, { data: { reason: 'Ticket' }, headers: { accept: 'application/json' } })
      await start(context.request, 7)
      await context.request.post('/impersonate/stop/')
      await start(sam.context.request, 8)
      const { logs } = await (await context.request.get('/impersonate/log/', { headers: { accept: 'application/json' } })).json()
      const urls = [
        'list/', 'list/?page=2', 'search/?q=ma', 'search/?q=nobody', 'list/?page=9', 'log/', 'log/?impersonator=9', `log/${logs[0].id}/`, `log/${logs[1].id}/`,
        'sessions/', '7/', 'stop/', '99/', 'list/?page=no'
      ].map(path => `/impersonate/${path}`)
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 740 })
        for (const url of urls) {
          await page.goto(url)
          await page.evaluate('for (const details of document.querySelectorAll("details:not([name] + *)")) details.open = true')
          t.same(await violations(page), [], `${url} at ${width}`)
          t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${url} fits into ${width}`)
        }
      }
      await context.request.post(`/impersonate/sessions/${logs[0].id}/end/`)
      await sam.page.emulateMedia({ colorScheme })
      await sam.page.goto('/')
      t.equal(await heading(sam.page), 'The impersonation is over')
      t.same(await violations(sam.page), [])
      // What the browser itself reports of the pages that are a 404, 400 or 409.
      t.same(problems.filter(text => !text.includes('the server responded with a status of 40')), [])
    })
  }
})
