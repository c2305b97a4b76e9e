import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import { browser, build as buildAlone, people, person, type BuildOptions, type TestUser } from '../kit/build.js'

const JSON_ONLY = { accept: 'application/json' }
const PAGE = { accept: 'text/html' }

const { client, close } = await openEmbedded(`file:${t.testdir()}/log.db`)
t.teardown(close)

/** An application with a database that the others here share, where it is not about what is in the log. */
async function build (t: Test, options: BuildOptions = {}) {
  return await buildAlone(t, options.databaseUrl === undefined ? { prisma: client as never, ...options } : options)
}

const folder = t.testdirName
let databases = 0
const newDatabase = () => `file:${folder}/${databases++}.db`

/** The status of a start by this person for that one. */
async function start (t: Test, options: BuildOptions, by: number, whom: number): Promise<number> {
  const someone = browser(await build(t, options))
  await someone.signIn(by)
  return (await someone.postJson(`/impersonate/${whom}/`)).statusCode
}

/** A browser that runs as carl for sam. */
async function running (t: Test, options: BuildOptions = {}) {
  const app = await build(t, options)
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  return Object.assign(sam, { app })
}

t.test('who may impersonate whom', async t => {
  const everyone = (by: number) => () => (user: TestUser) => user.id !== by
  const hector = [...people(), person(7, 'hector', { isSuperuser: true, isActive: false, isStaff: true })]
  const cases: Array<[string, BuildOptions, number, number, number]> = [
    ['by default a superuser may', {}, 1, 3, 201],
    ['by default staff may', {}, 2, 3, 201],
    ['by default staff may impersonate staff', { people: [...people(), person(8, 'stan', { isStaff: true })] }, 2, 8, 201],
    ['by default customers may not', {}, 3, 4, 403],
    ['inactive staff may not', { people: hector }, 7, 3, 403],
    ['nobody may impersonate oneself', {}, 2, 2, 404],
    ['nor a superuser by default', {}, 1, 6, 404],
    ['nor somebody inactive', {}, 1, 5, 404],
    ['nor somebody unknown', {}, 1, 99, 404],
    ['requireSuperuser keeps staff out', { requireSuperuser: true }, 2, 3, 403],
    ['requireSuperuser lets superusers in', { requireSuperuser: true }, 1, 3, 201],
    ['customAllow replaces the rule for staff', { customAllow: () => false }, 2, 3, 403],
    ['customAllow replaces the rule for superusers', { customAllow: async () => false }, 1, 3, 403],
    ['customAllow lets customers in', { customAllow: async () => true }, 3, 4, 201],
    ['customAllow replaces requireSuperuser too', { requireSuperuser: true, customAllow: () => true }, 2, 3, 201],
    ['customAllow takes nothing but true for a yes', { customAllow: () => 'yes' as never }, 2, 3, 403],
    ['customAllow does not let in who is inactive', { customAllow: () => true }, 5, 3, 403],
    ['customAllow does not lead to superusers', { customAllow: () => true }, 3, 6, 404],
    ['allowSuperuser lets superusers reach superusers', { allowSuperuser: true }, 1, 6, 201],
    ['allowSuperuser does not let staff reach them', { allowSuperuser: true }, 2, 6, 404],
    ['nor whoever customAllow lets in', { allowSuperuser: true, customAllow: () => true }, 3, 6, 404],
    ['customUserQueryset keeps out who is not in it', { customUserQueryset: () => (user: TestUser) => user.id === 4 }, 2, 3, 404],
    ['customUserQueryset lets in who is', { customUserQueryset: async () => (user: TestUser) => user.id === 4 }, 2, 4, 201],
    ['customUserQueryset does not lead staff to superusers', { allowSuperuser: true, customUserQueryset: () => (user: TestUser) => user.isSuperuser }, 2, 6, 404],
    ['nor to oneself', { customUserQueryset: () => () => true }, 2, 2, 404],
    ['customUserQueryset narrows what allowSuperuser opens', { allowSuperuser: true, customUserQueryset: everyone(6) }, 1, 6, 404],
    ['customUserQueryset that returns undefined is 503', { customUserQueryset: () => undefined }, 2, 3, 503],
    ['customUserQueryset that returns null is 503', { customUserQueryset: async () => null }, 2, 3, 503],
    ['customUserQueryset that throws is 503', { customUserQueryset: () => { throw new Error('broken') } }, 2, 3, 503],
    ['customAllow that throws is 503', { customAllow: () => { throw new Error('broken') } }, 2, 3, 503],
    ['nobody may without signing in', { getRealUser: () => null }, 2, 3, 401],
    ['a target of whom isSuperuser is unclear is refused', { isSuperuser: user => user.id === 1 ? true : undefined as never }, 1, 3, 404],
    ['isStaff of one\'s own', { isStaff: user => user.username === 'carl' }, 3, 4, 201],
    ['isSuperuser of one\'s own', { isSuperuser: user => user.username === 'carl' }, 2, 3, 404],
    ['isActive of one\'s own', { isActive: user => user.username !== 'carl' }, 2, 3, 404]
  ]
  for (const [name, options, by, whom, status] of cases) {
    await t.test(name, async t => { t.equal(await start(t, options, by, whom), status) })
  }

  await t.test('customUserQueryset is never called for someone who may not impersonate', async t => {
    let called = 0
    t.equal(await start(t, { customUserQueryset: () => { called++; return () => true } }, 3, 4), 403)
    t.equal(called, 0)
  })
})

t.test('the application\'s functions see the real user, and the request is never switched', async t => {
  const calls: Array<{ name: string, user: unknown, realUser: unknown, impersonator: unknown, impersonation: unknown, isRequest: boolean }> = []
  let now: FastifyRequest | undefined
  const note = (name: string) => async (request: FastifyRequest) => {
    await new Promise(resolve => setImmediate(resolve))
    calls.push({ name, user: request.user?.id, realUser: request.realUser?.id, impersonator: request.impersonator, impersonation: request.impersonation, isRequest: request === now })
    t.equal(request.url, Object.getPrototypeOf(request).url, 'it is derived from the request')
    return true
  }
  const app = await build(t, {
    before: app => { app.addHook('onRequest', async request => { now = request }) },
    customAllow: note('customAllow'),
    adminAllow: note('adminAllow'),
    readOnly: async request => { await note('readOnly')(request); return false },
    customUserQueryset: async request => { await note('customUserQueryset')(request); return () => true },
    after: app => {
      app.get('/both', async request => {
        const [allowed, user] = await Promise.all([app.impersonate.isAllowed(request), request.user])
        return { allowed, user: user?.id }
      })
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  await sam.getJson('/impersonate/log/')
  t.same((await sam.getJson('/both')).json(), { allowed: false, user: 3 })
  await sam.postJson('/impersonate/stop/')
  t.equal((await sam.getJson('/impersonate/log/')).statusCode, 200, 'adminAllow lets staff see the log')
  t.same((await sam.getJson('/both')).json(), { allowed: true, user: 2 })
  t.same([...new Set(calls.map(({ name }) => name))].sort(), ['adminAllow', 'customAllow', 'customUserQueryset', 'readOnly'])
  for (const { name, ...call } of calls) t.same(call, { user: 2, realUser: 2, impersonator: null, impersonation: null, isRequest: false }, name)
})

t.test('adminAllow', async t => {
  const log = async (options: BuildOptions, by: number) => {
    const someone = browser(await build(t, options))
    await someone.signIn(by)
    return (await someone.getJson('/impersonate/log/')).statusCode
  }
  t.equal(await log({}, 1), 200, 'by default superusers see the log')
  t.equal(await log({}, 2), 403, 'and staff do not')
  t.equal(await log({ adminAllow: () => false }, 1), 403)
  t.equal(await log({ adminAllow: () => true }, 5), 403, 'nobody inactive does')
})

t.test('readOnly', async t => {
  await t.test('false by default: writes run', async t => {
    const sam = await running(t)
    const response = await sam.post('/who')
    t.match(response.json(), { user: 3, impersonation: { readOnly: false } })
  })

  const ways: Record<string, NonNullable<BuildOptions['readOnly']>> = { true: true, 'a function': () => true, 'an async function': async () => true }
  for (const [name, readOnly] of Object.entries(ways)) {
    await t.test(`${name}: only GET, HEAD and OPTIONS run`, async t => {
      let ran = 0
      const sam = await running(t, {
        readOnly,
        after: app => {
          app.route({ method: ['POST', 'PUT', 'PATCH', 'DELETE'], url: '/write', handler: async () => { ran++; return {} } })
          app.post('/admin/write', async () => { ran++; return {} })
          app.options('/write', async () => ({}))
        }
      })
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        const response = await sam.send({ method, url: '/write', headers: JSON_ONLY })
        t.equal(response.statusCode, 405, method)
        t.equal(response.headers.allow, 'GET, HEAD, OPTIONS')
        t.match(response.json(), { code: 'FST_IMPERSONATE_READ_ONLY' })
      }
      t.equal(ran, 0, 'no handler has run')
      t.equal((await sam.post('/nowhere')).statusCode, 405)
      t.match((await sam.getJson('/who')).json(), { user: 3, impersonation: { readOnly: true } })
      t.equal((await sam.send({ method: 'HEAD', url: '/who' })).statusCode, 200)
      t.equal((await sam.send({ method: 'OPTIONS', url: '/write' })).statusCode, 200)
      t.equal((await sam.post('/admin/write')).statusCode, 200, 'excluded paths are not read-only')
      t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200, 'stop works')
      t.equal((await sam.post('/write')).statusCode, 200, 'nor is the real user')
    })
  }

  await t.test('an upgrade to a WebSocket is 405 with Allow', async t => {
    const sam = await running(t, { readOnly: true, after: app => { app.get('/socket', async () => ({})) } })
    for (const upgrade of ['websocket', 'WebSocket']) {
      const response = await sam.get('/socket', { ...JSON_ONLY, connection: 'upgrade', upgrade })
      t.equal(response.statusCode, 405)
      t.equal(response.headers.allow, 'GET, HEAD, OPTIONS')
    }
    t.equal((await sam.get('/socket', { upgrade: 'h2c' })).statusCode, 200)
    await sam.postJson('/impersonate/stop/')
    t.equal((await sam.get('/socket', { upgrade: 'websocket' })).statusCode, 200)
  })

  await t.test('a function decides anew for each request', async t => {
    const sam = await running(t, { readOnly: request => request.headers['x-careful'] === 'yes' })
    t.equal((await sam.post('/who')).statusCode, 200)
    t.equal((await sam.post('/who', undefined, { 'x-careful': 'yes' })).statusCode, 405)
  })

  await t.test('what cannot be told is refused', async t => {
    let isBroken = false
    const sam = await running(t, { readOnly: () => { if (isBroken) throw new Error('broken'); return false } })
    isBroken = true
    t.equal((await sam.get('/who')).statusCode, 503)
  })

  await t.test('with maxDuration, the end comes before the refusal', async t => {
    const clock = { at: Date.parse('2026-01-31T12:00:00Z') }
    const sam = await running(t, { readOnly: true, maxDuration: 60, now: () => clock.at })
    t.match((await sam.getJson('/who')).json(), { impersonation: { startedAt: '2026-01-31T12:00:00.000Z', expiresAt: '2026-01-31T12:01:00.000Z', readOnly: true } })
    clock.at += 59_999
    t.equal((await sam.postJson('/who')).statusCode, 405)
    clock.at += 1
    const response = await sam.postJson('/who')
    t.equal(response.statusCode, 409)
    t.match(response.json(), { endReason: 'expired' })
    await sam.postJson('/impersonate/stop/')
    t.match((await sam.postJson('/who')).json(), { user: 2 })
  })
})

t.test('maxDuration is null by default: an impersonation does not end by itself', async t => {
  const clock = { at: Date.parse('2026-01-31T12:00:00Z') }
  const sam = await running(t, { now: () => clock.at })
  await sam.getJson('/who')
  for (let day = 0; day < 400; day++) {
    clock.at += 86_000_000
    await sam.getJson('/who')
  }
  t.match((await sam.getJson('/who')).json(), { user: 3, impersonation: { expiresAt: null } })
})

t.test('uriExclusions', async t => {
  const whoIs = async (sam: Awaited<ReturnType<typeof running>>, url: string) => (await sam.get(url)).json().user

  await t.test('excludes what is below admin/ by default', async t => {
    const sam = await running(t, { after: app => { app.get('/administration', async request => ({ user: request.user?.id })) } })
    t.equal(await whoIs(sam, '/admin/who'), 2)
    t.equal(await whoIs(sam, '/admin/who?x=1'), 2)
    t.equal(await whoIs(sam, '/%61dmin/who'), 2, 'however it is encoded')
    t.equal(await whoIs(sam, '/administration'), 3)
    t.equal(await whoIs(sam, '/who?next=/admin/'), 3, 'the query says nothing')
  })

  await t.test('reads an absolute address as the router does', async t => {
    const sam = await running(t, { getRealUser: () => people()[1] })
    const cookie = `impersonation=${sam.jar.get('impersonation')}`
    await sam.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = sam.app.server.address() as AddressInfo
    const answer = await new Promise<string>((resolve, reject) => {
      httpRequest({ port, host: '127.0.0.1', path: `http://127.0.0.1:${port}/admin/who`, headers: { cookie } }, response => {
        response.setEncoding('utf8').on('data', resolve)
      }).on('error', reject).end()
    })
    t.match(JSON.parse(answer), { user: 2, impersonation: null })
  })

  for (const [name, uriExclusions] of Object.entries({ 'a RegExp': [/^private\//], 'a source': ['^private/'], 'a RegExp with /g': [/^private\//g], several: [/^nothing$/, '^private/'] })) {
    await t.test(`takes ${name}`, async t => {
      const sam = await running(t, { uriExclusions, after: app => { app.get('/private/who', async request => ({ user: request.user?.id })) } })
      for (let time = 0; time < 3; time++) t.equal(await whoIs(sam, '/private/who'), 2)
      t.equal(await whoIs(sam, '/admin/who'), 3, 'in place of the default')
    })
  }

  await t.test('excludes nothing with an empty list', async t => {
    const sam = await running(t, { uriExclusions: [] })
    t.equal(await whoIs(sam, '/admin/who'), 3)
  })

  await t.test('follows the router\'s case rule', async t => {
    const lenient = await running(t, { server: { routerOptions: { caseSensitive: false } } })
    t.equal(await whoIs(lenient, '/ADMIN/who'), 2)
    const older = await running(t, { server: { caseSensitive: false } })
    t.equal(await whoIs(older, '/Admin/Who'), 2)
  })

  await t.test('holds against the matched route\'s pattern as well', async t => {
    const sam = await running(t, { uriExclusions: [/^:tenant\/admin\//], after: app => { app.get('/:tenant/admin/who', async request => ({ user: request.user?.id })) } })
    t.equal(await whoIs(sam, '/acme/admin/who'), 2)
  })

  await t.test('reads no row there, and nothing ends', async t => {
    const everyone = people()
    const sam = await running(t, { people: everyone })
    Object.assign(everyone[2] ?? {}, { isActive: false })
    const response = await sam.get('/admin/who')
    t.equal(response.statusCode, 200)
    t.notOk(response.cookies.some(({ name }) => name === 'impersonation'))
    Object.assign(everyone[2] ?? {}, { isActive: true })
    t.equal(await whoIs(sam, '/who'), 3)
  })
})

t.test('a prefix below an excluded path: start, status and stop work', async t => {
  const app = await build(t, { prefix: '/admin/impersonate' })
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.postJson('/admin/impersonate/3/')).statusCode, 201)
  t.match((await sam.getJson('/admin/impersonate/status/')).json(), { isImpersonate: true, user: { id: '3' } })
  t.equal((await sam.getJson('/admin/impersonate/list/')).statusCode, 409)
  t.equal((await sam.postJson('/admin/impersonate/stop/')).statusCode, 200)
  t.match((await sam.getJson('/admin/impersonate/status/')).json(), { isImpersonate: false, user: { id: '2' } })
})

t.test('redirectUrl', async t => {
  for (const [options, to] of [[{}, '/'], [{ redirectUrl: '/home?a=1' }, '/home?a=1']] as Array<[BuildOptions, string]>) {
    const app = await build(t, options)
    const sam = browser(app)
    await sam.signIn(2)
    const start = await sam.post('/impersonate/3/', undefined, PAGE)
    t.equal(start.statusCode, 302)
    t.equal(start.headers.location, to, 'a start leads there')
    t.equal((await sam.get('/impersonate/list/', PAGE)).headers.location, to, 'a page while impersonating')
    t.equal((await sam.post('/impersonate/stop/', undefined, PAGE)).headers.location, to, 'a stop')
    const carl = browser(app)
    await carl.signIn(3)
    t.equal((await carl.get('/impersonate/list/', PAGE)).headers.location, to, 'and a refusal')
  }
})

t.test('loginUrl', async t => {
  const next = encodeURIComponent('/impersonate/list/')
  const cases: Array<[BuildOptions, string]> = [
    [{}, `/login?next=${next}`],
    [{ loginUrl: '/in?from=app' }, `/in?from=app&next=${next}`],
    [{ loginUrl: 'https://id.example.com/login' }, `https://id.example.com/login?next=${next}`]
  ]
  for (const [options, to] of cases) {
    const app = await build(t, options)
    t.equal((await app.inject({ url: '/impersonate/list/', headers: PAGE })).headers.location, to)
    t.equal((await app.inject({ method: 'POST', url: '/impersonate/3/', headers: PAGE })).headers.location, to, 'a start leads to the list')
  }
})

t.test('useHttpReferer', async t => {
  const stopFrom = async (options: BuildOptions, referer: string) => {
    const sam = browser(await build(t, options))
    await sam.signIn(2)
    await sam.post('/impersonate/3/', undefined, { ...PAGE, host: 'app.example', referer })
    return (await sam.post('/impersonate/stop/', undefined, PAGE)).headers.location
  }
  t.equal(await stopFrom({}, 'http://app.example/users?page=2'), '/', 'is off by default')
  t.equal(await stopFrom({ useHttpReferer: true }, 'http://app.example/users?page=2#x'), '/users?page=2', 'leads back to the page that the start came from')
  t.equal(await stopFrom({ useHttpReferer: true }, 'http://evil.example/users'), '/', 'never to another host')
})

t.test('redirectFieldName', async t => {
  const startWith = async (options: BuildOptions, query: string) => {
    const sam = browser(await build(t, options))
    await sam.signIn(2)
    return await sam.post(`/impersonate/3/${query}`, undefined, PAGE)
  }
  t.equal((await startWith({ redirectFieldName: 'next' }, '?next=/orders')).headers.location, '/orders')
  t.equal((await startWith({ redirectFieldName: 'to' }, '?to=/orders')).headers.location, '/orders')
  t.equal((await startWith({ redirectFieldName: 'next' }, '?next=//evil.example/')).headers.location, '/')
  t.equal((await startWith({ redirectFieldName: 'next' }, '?next=/impersonate/4/')).headers.location, '/')
  t.equal((await startWith({}, '?next=/orders')).headers.location === '/orders', false, 'there is none by default')
})

t.test('trustedOrigins', async t => {
  const origin = 'https://admin.example.com'
  const post = async (options: BuildOptions, headers: Record<string, string>) => {
    const sam = browser(await build(t, options))
    await sam.signIn(2)
    return (await sam.post('/impersonate/3/', undefined, { ...JSON_ONLY, ...headers })).statusCode
  }
  t.equal(await post({}, { origin }), 403, 'none by default')
  t.equal(await post({ trustedOrigins: [origin] }, { origin }), 201)
  t.equal(await post({ trustedOrigins: [origin] }, { origin, 'sec-fetch-site': 'cross-site', accept: 'text/html' }), 302, 'a form of a page there')
  t.equal(await post({ trustedOrigins: [origin] }, { origin: 'https://evil.example' }), 403)
})

t.test('startByGet', async t => {
  const click = async (options: BuildOptions) => {
    const sam = browser(await build(t, options))
    await sam.signIn(2)
    const response = await sam.click('/impersonate/3/')
    return { status: response.statusCode, user: (await sam.getJson('/who')).json().user }
  }
  t.same(await click({}), { status: 302, user: 3 }, 'starts by default')
  t.same(await click({ startByGet: false }), { status: 200, user: 2 }, 'false: a GET always asks')
})

t.test('paginateCount', async t => {
  const many = [...people(), ...Array.from({ length: 30 }, (_, at) => person(100 + at, `user${at}`))]
  const size = async (options: BuildOptions) => {
    const ada = browser(await build(t, { people: many, ...options }))
    await ada.signIn(1)
    const { users, paginator } = (await ada.getJson('/impersonate/list/')).json()
    return [users.length, paginator.perPage]
  }
  t.same(await size({}), [20, 20], 'is 20 by default')
  t.same(await size({ paginateCount: 5 }), [5, 5])
})

t.test('searchFields and lookupType', async t => {
  const search = async (options: BuildOptions, q: string) => {
    const ada = browser(await build(t, options))
    await ada.signIn(1)
    return (await ada.getJson(`/impersonate/search/?q=${q}`)).json().users.map(({ id }: { id: string }) => id)
  }
  t.same(await search({}, 'ARL'), ['3'], 'icontains by default')
  t.same(await search({}, 'cleo@example'), ['4'], 'in the e-mail address too')
  t.same(await search({ searchFields: ['username'] }, 'cleo@example'), [])
  t.same(await search({ lookupType: 'exact', searchFields: ['username'] }, 'CARL'), [])
  t.same(await search({ lookupType: 'istartswith', searchFields: ['username'] }, 'C'), ['3', '4'])
})

t.test('the log\'s options: nothing may be changed by default, and each opens its own', async t => {
  const change = async (options: BuildOptions) => {
    const ada = browser(await build(t, { databaseUrl: newDatabase(), ...options }))
    await ada.signIn(1)
    await ada.postJson('/impersonate/3/')
    await ada.postJson('/impersonate/stop/')
    const { id } = (await ada.getJson('/impersonate/log/')).json().logs[0]
    const add = await ada.postJson('/impersonate/log/', { impersonatorId: '1', impersonatingId: '3', sessionStartedAt: '2026-01-01T00:00:00Z', sessionEndedAt: '2026-01-01T01:00:00Z', reason: 'by hand' })
    const edit = await ada.send({ method: 'PATCH', url: `/impersonate/log/${id}/`, headers: JSON_ONLY, payload: { reason: 'a better one' } })
    const remove = await ada.send({ method: 'DELETE', url: `/impersonate/log/${id}/`, headers: JSON_ONLY })
    return [add, edit, remove].map(({ statusCode }) => statusCode === 405 ? 'refused' : 'done')
  }
  t.same(await change({}), ['refused', 'refused', 'refused'])
  t.same(await change({ adminAddPermission: true }), ['done', 'refused', 'refused'])
  t.same(await change({ adminReadOnly: false }), ['refused', 'done', 'refused'])
  t.same(await change({ adminDeletePermission: true }), ['refused', 'refused', 'done'])
})

t.test('maxFilterSize', async t => {
  const filter = async (options: BuildOptions) => {
    const app = await build(t, { databaseUrl: newDatabase(), ...options })
    for (const id of [1, 2]) {
      const someone = browser(app)
      await someone.signIn(id)
      await someone.postJson('/impersonate/3/')
    }
    const ada = browser(app)
    await ada.signIn(1)
    return (await ada.getJson('/impersonate/log/')).json().filters.impersonators.length
  }
  t.equal(await filter({}), 2)
  t.equal(await filter({ maxFilterSize: 1 }), 1)
})
