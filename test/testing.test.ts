import t from 'tap'
import { build } from './kit/build.js'
import { createClock, impersonate } from '../dist/lib/testing/index.js'

const json = { accept: 'application/json' }

for (const options of [{ signIn: 'session' }, { signIn: 'secure-session' }, { signIn: 'session', disableLogging: true }, { signIn: 'secure-session', disableLogging: true }] as const) {
  t.test(`impersonate gives what inject needs to be somebody else: ${JSON.stringify(options)}`, async t => {
    const app = await build(t, options)
    const by = await app.inject({ method: 'POST', url: '/sign-in/2' })
    const asCarl = await impersonate(app, { as: 3, by })
    t.match((await app.inject({ url: '/who', ...asCarl })).json(), { user: 3, impersonator: 2, isImpersonate: true })
    t.match((await app.inject({ url: '/who', cookies: Object.fromEntries(by.cookies.map(({ name, value }) => [name, value])) })).json(), { impersonator: options.signIn === 'session' && 'disableLogging' in options ? 2 : null })
  })
}

t.test('who does it may be told by headers, and the application need not be ready', async t => {
  const app = await build(t, { getRealUser: request => ({ id: Number(request.headers['x-user']), isStaff: true }) })
  const asCarl = await impersonate(app, { as: '3', by: { headers: { 'x-user': '2' } } })
  t.strictSame(asCarl.headers, { 'x-user': '2' })
  t.match((await app.inject({ url: '/who', ...asCarl })).json(), { user: 3, impersonator: 2 })
  const asCleo = await impersonate(app, { as: 4n, by: { headers: { 'x-user': '6' }, cookies: { theme: 'dark' } } })
  t.match(asCleo, { cookies: { theme: 'dark', impersonation: String } })
})

t.test('where the plugin refuses, the test says why', async t => {
  const app = await build(t)
  await t.rejects(impersonate(app, { as: 3, by: {} }), { message: /^The impersonation was not started: 401 .*FST_IMPERSONATE_NOT_AUTHENTICATED/ })
  const by = await app.inject({ method: 'POST', url: '/sign-in/2' })
  await t.rejects(impersonate(app, { as: 1, by }), { message: /404 .*FST_IMPERSONATE_TARGET_NOT_FOUND/ })
  await t.rejects(impersonate(app, { as: 3, by, reason: 'x'.repeat(100_000) }), { message: /The impersonation was not started: 4/ })
})

t.test('a cookie that is for https alone', async t => {
  const app = await build(t, {
    cookie: { sameSite: 'none', partitioned: true }, server: { trustProxy: true }, getRealUser: () => ({ id: 2, isStaff: true })
  })
  await t.rejects(impersonate(app, { as: 3, by: {} }), { message: /422 .*FST_IMPERSONATE_COOKIE_DROPPED.*cookie\.sameSite/ })
  const asCarl = await impersonate(app, { as: 3, by: { headers: { 'x-forwarded-proto': 'https' } } })
  t.match((await app.inject({ url: '/who', ...asCarl })).json(), { user: 3, impersonator: 2 })
})

t.test('a clock ends an impersonation without waiting', async t => {
  const clock = createClock('2026-01-31T12:00:00Z')
  const app = await build(t, { now: clock.now, maxDuration: 60 })
  const asCarl = await impersonate(app, { as: 3, by: await app.inject({ method: 'POST', url: '/sign-in/2' }) })
  t.match((await app.inject({ url: '/who', ...asCarl })).json(), { impersonation: { startedAt: '2026-01-31T12:00:00.000Z', expiresAt: '2026-01-31T12:01:00.000Z' } })
  t.strictSame(clock.advance(59.9), new Date('2026-01-31T12:00:59.900Z'))
  t.equal((await app.inject({ url: '/who', ...asCarl })).statusCode, 200)
  clock.advance(0.1)
  t.match((await app.inject({ url: '/who', headers: json, cookies: asCarl.cookies })).json(), { statusCode: 409, endReason: 'expired' })
})

t.test('a clock starts where it is told or now, stands still and never goes back', async t => {
  const before = Date.now()
  const clock = createClock()
  t.ok(clock.now() >= before && clock.now() <= Date.now())
  t.equal(createClock(new Date(5)).now(), 5)
  t.equal(createClock(7).now(), 7)
  t.throws(() => createClock('yesterday'), RangeError)
  for (const seconds of [-1, NaN, Infinity]) t.throws(() => clock.advance(seconds), RangeError)
})
