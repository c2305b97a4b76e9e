import t from 'tap'
import { browser, build, type BuildOptions } from '../kit/build.js'
import { safeDestination } from '../../dist/lib/http/redirect.js'
import type { Test } from 'tap'

/** Every address that a page has. */
function addressesIn (html: string): string[] {
  return [...html.matchAll(/\b(?:href|action|src)="([^"]*)"/g)].map(([, address = '']) => address.replaceAll('&amp;', '&'))
}

async function behindProxy (t: Test, options: BuildOptions = {}) {
  const app = await build(t, { publicPrefix: '/app', redirectUrl: '/app/', loginUrl: '/app/login', redirectFieldName: 'next', banner: true, ...options })
  app.get('/', async (request, reply) => reply.type('text/html').send('<!doctype html><body>Hello'))
  const sam = browser(app)
  await sam.signIn(2)
  return { app, sam }
}

t.test('under a proxy that takes a path away, every address of a page has it', async t => {
  const { app, sam } = await behindProxy(t)
  const ada = browser(app)
  await ada.signIn(1)
  for (const path of ['list/', 'search/?q=a', '3/', 'stop/', 'log/', 'sessions/']) {
    const { body } = await (/^(log|sessions)/.test(path) ? ada : sam).click(`/impersonate/${path}`.replace('3/', '3/?x'))
    const found = addressesIn(body)
    if (found.length > 0) t.ok(found.every(address => /^(\/app\/|\?|#)/.test(address)), `${path}: ${found.join(' ')}`)
  }
  for (const name of ['list', 'search', 'log', 'sessions', 'stop', 'status'] as const) t.equal(app.impersonate.url(name), `/app/impersonate/${name}/`)
})

t.test('so have redirects, the cookie and the banner', async t => {
  const { sam } = await behindProxy(t)
  t.equal((await browser((await behindProxy(t)).app).get('/impersonate/list/?page=1', { accept: 'text/html' })).headers.location,
    `/app/login?${new URLSearchParams({ next: '/app/impersonate/list/?page=1' })}`)
  t.equal((await sam.get('/impersonate/', { accept: 'text/html' })).headers.location, '/app/impersonate/search/')
  const started = await sam.post('/impersonate/3/')
  t.match(started, { statusCode: 302, headers: { location: '/app/' } })
  t.match(started.cookies, [{ name: 'impersonation', path: '/app' }])
  t.ok(addressesIn((await sam.click('/')).body).every(address => address.startsWith('/app/impersonate/')))
  t.match((await sam.post('/impersonate/stop/')).cookies, [{ name: 'impersonation', path: '/app', value: '' }])
})

t.test('no redirect leads to a start, with or without that path', async t => {
  const { sam } = await behindProxy(t)
  for (const next of ['/app/impersonate/4/', '/impersonate/4/', '/app/impersonate/stop/', '/impersonate/stop/', '/app/impersonate/-/mine/', '/app%2fimpersonate/4']) {
    t.equal((await sam.post('/impersonate/stop/', { next })).json().redirect, '/app/', next)
  }
  t.equal((await sam.post('/impersonate/stop/', { next: '/app/impersonate/list/' })).json().redirect, '/app/impersonate/list/')
})

t.test('a next may lead to a trusted origin, but to no start there', async t => {
  const { sam } = await behindProxy(t, { trustedOrigins: ['https://console.example.com'] })
  const led = async (next: string) => (await sam.post('/impersonate/stop/', { next })).json().redirect
  t.equal(await led('https://console.example.com/tickets?id=1#a'), 'https://console.example.com/tickets?id=1#a')
  for (const next of [
    'https://console.example.com/app/impersonate/3/', 'https://console.example.com/impersonate/stop/', 'https://evil.example/', 'http://console.example.com/',
    'https://console.example.com@evil.example/', 'https://me@console.example.com/', 'https://console.example.com:444/', '//console.example.com/', 'javascript:alert(1)',
    'https:\\\\console.example.com/', 'https://console.example.com/\nx'
  ]) t.equal(await led(next), '/app/', next)
  t.equal(safeDestination(undefined, { bases: [], trustedOrigins: new Set() }), null)
})

t.test('a path that is none is refused', async t => {
  for (const publicPrefix of ['app', '/a//b', '/a?b', 'https://x.example/app', '/a b', 5]) {
    await t.rejects(build(t, { publicPrefix: publicPrefix as string }), { code: 'FST_IMPERSONATE_INVALID_OPTION', message: /"publicPrefix"/ }, String(publicPrefix))
  }
  const app = await build(t, { publicPrefix: '/app/' })
  t.equal(app.impersonate.url('list'), '/app/impersonate/list/')
})
