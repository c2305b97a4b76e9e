import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { launch, needsChromium } from '../kit/chromium.js'
import { listen, openWindow } from '../kit/window.js'

t.setTimeout(120_000)

t.test('a page of the application that comes out of a cache is loaded again where it was made for somebody else', needsChromium, async t => {
  const browser = await launch(t, ['--disable-back-forward-cache'])
  let statuses = 0
  const { origin } = await listen(t, {
    after: app => {
      const page = (request: FastifyRequest, script: string) =>
        `<!doctype html><html lang="en"><title>Page</title><h1>${request.user?.username}</h1><a href="/other">Other</a>${script}</html>`
      app.get('/kept', async (request, reply) =>
        reply.type('text/html').header('cache-control', 'private, max-age=600').send(page(request, app.impersonate.script(request))))
      app.get('/plain', async (request, reply) => reply.type('text/html').send(page(request, app.impersonate.script())))
      // As a service worker of an application's own might: the same old page for ever.
      app.get('/old', async (request, reply) =>
        reply.type('text/html').send(page(request, app.impersonate.script(request)).replace(/(data-impersonate-state=")[^"]*/, '$1of-another-time')))
      app.get('/other', async (request, reply) => reply.type('text/html').send('<!doctype html><html lang="en"><title>Other</title><h1>Other</h1></html>'))
      app.addHook('onResponse', async request => { if (request.url.startsWith('/impersonate/status')) statuses++ })
    }
  })
  const { context, page, problems } = await openWindow(t, browser, origin, 2)
  const heading = async (name: string) => { await page.locator('h1', { hasText: name }).waitFor(); t.pass(name) }
  const start = async () => t.equal((await context.request.post('/impersonate/3/', { headers: { accept: 'application/json' } })).status(), 201)
  const stop = async () => { await context.request.post('/impersonate/stop/') }

  await page.goto('/kept')
  await heading('sam')
  await page.goto('/other')
  await start()
  await page.goto('/kept')
  await heading('carl')
  await stop()

  // From memory, with everything that was typed: the back button.
  await page.goto('/plain')
  await heading('sam')
  await page.waitForLoadState('networkidle')
  await page.getByText('Other').click()
  await heading('Other')
  await start()
  await page.goBack()
  await heading('carl')

  // In a tab that stayed open.
  await stop()
  await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
  await heading('sam')

  statuses = 0
  await page.goto('/old')
  await page.waitForLoadState('networkidle')
  t.equal(statuses, 2, 'it is loaded again once, and not for ever')
  t.strictSame(problems, [])
})
