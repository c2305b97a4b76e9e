import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify, { type FastifyInstance, type FastifyRequest, type InjectOptions } from 'fastify'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { webSession } from '../../dist/lib/http/web-session.js'
import { browser, build, people, type BuildOptions, type TestUser } from '../kit/build.js'
import { faulty, openLog } from '../kit/database.js'

const START = Date.parse('2026-01-31T12:00:00Z')

interface Scene { app: FastifyInstance, everyone: TestUser[], clock: { at: number }, sam: ReturnType<typeof browser>, key: string }

/** sam runs as carl, and the people and the clock can be changed. */
async function running (t: Test, options: BuildOptions = {}): Promise<Scene> {
  const everyone = people()
  const clock = { at: START }
  const app = await build(t, { people: everyone, now: () => clock.at, ...options })
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  return { app, everyone, clock, sam, key: sam.jar.get('impersonation') ?? '' }
}

async function destroy (request: FastifyRequest): Promise<void> {
  await Reflect.get(Object(webSession(request)), 'destroy').call(webSession(request))
}

/** The newest entry of the log, as ada sees it. */
async function lastEntry (app: FastifyInstance) {
  const ada = browser(app)
  await ada.signIn(1)
  return (await ada.getJson('/impersonate/log/')).json().logs[0]
}

function change (everyone: TestUser[], id: number, how: Partial<TestUser>): void {
  Object.assign(everyone.find(user => user.id === id) ?? {}, how)
}

function remove (everyone: TestUser[], id: number): void {
  everyone.splice(everyone.findIndex(user => user.id === id), 1)
}

for (const signIn of ['session', 'secure-session'] as const) {
  for (const url of ['/sign-out', '/sign-in/6']) {
    t.test(`a request that ends its own sign-in, ${url} over ${signIn}, ends as logout before it is answered`, async t => {
      const { app, sam } = await running(t, { signIn })
      const answer = await sam.post(url)
      t.equal(answer.statusCode, 200)
      t.match(await lastEntry(app), { endReason: 'logout', endedBy: { id: '2', name: 'sam' } })
      t.ok(sam.jar.has('impersonation'), 'the cookie stays until the next request')
      t.match((await sam.getJson('/who')).json(), { user: url === '/sign-in/6' ? 6 : null, impersonator: null })
      t.notOk(sam.jar.has('impersonation'))
    })
  }
}

t.test('what an application keeps in its session is no word of the session plugin\'s', async t => {
  for (const signIn of ['session', 'secure-session'] as const) {
    const { sam } = await running(t, {
      signIn,
      after: async app => {
        app.post('/keep', async request => {
          for (const [name, value] of Object.entries(Object(request.body))) webSession(request)?.set(name, value)
          return {}
        })
      }
    })
    t.equal((await sam.post('/keep', { deleted: true })).statusCode, 200, 'not the one that @fastify/secure-session has')
    t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: 2 }, signIn)
    t.equal((await sam.post('/keep', { deleted: false })).statusCode, 200)
  }
})

t.test('a field of an application\'s secure session is no id of the sign-in', async t => {
  const app = await build(t, {
    signIn: 'secure-session',
    after: async app => {
      app.post<{ Params: { id: string } }>('/chat/:id', async (request, reply) => {
        const { id } = request.params
        webSession(request)?.set('sessionId', id)
        reply.setCookie('chat', id, { path: '/' })
        return {}
      })
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.post('/chat/chat-1')
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  await sam.post('/chat/chat-2')
  t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: 2 })
})

t.test('a request that sends its session to a new id ends as logout: the key is bound to the old one', async t => {
  const { app, sam } = await running(t, { after: app => { app.post('/renew', async request => { await request.session.regenerate(['userId']); return {} }) } })
  t.equal((await sam.post('/renew')).statusCode, 200)
  t.match(await lastEntry(app), { endReason: 'logout' })
  t.match((await sam.getJson('/who')).json(), { statusCode: 409, endReason: 'logout' }, 'which is said, as the person is still signed in')
})

t.test('a sign-out whose answer Fastify refuses is an error, and no request hangs', async t => {
  const { app, sam } = await running(t, {
    after: app => {
      app.post('/broken', async (request, reply) => {
        await destroy(request)
        return await reply.type('text/plain').send({})
      })
    }
  })
  t.equal((await sam.post('/broken')).statusCode, 500)
  t.match(await lastEntry(app), { endReason: 'logout' })
})

t.test('a session beside a bearer\'s sign-in', async t => {
  const bearer: BuildOptions['getRealUser'] = ({ headers }) => people().find(({ id }) => headers.authorization === `Bearer ${id}`) ?? null
  const as = { authorization: 'Bearer 2', accept: 'application/json' }

  await t.test('that begins while impersonating ends nothing', async t => {
    const app = await build(t, { getRealUser: bearer, after: app => { app.post('/cart', async request => { webSession(request)?.set('cart', 1); return { user: request.user?.id } }) } })
    const sam = browser(app)
    t.equal((await sam.post('/impersonate/3/', undefined, as)).statusCode, 201)
    for (let times = 0; times < 2; times++) t.same((await sam.post('/cart', undefined, as)).json(), { user: 3 })
    t.match((await sam.get('/who', as)).json(), { user: 3 })
  })

  await t.test('that ends while impersonating is told as an end, and never runs the next request as the impersonator', async t => {
    const app = await build(t, { getRealUser: bearer, after: app => { app.post('/empty', async request => { await destroy(request); return {} }) } })
    const sam = browser(app)
    await sam.post('/sign-in/9', undefined, as)
    t.equal((await sam.post('/impersonate/3/', undefined, as)).statusCode, 201)
    t.equal((await sam.post('/empty', undefined, as)).statusCode, 200)
    t.match((await sam.get('/who', as)).json(), { statusCode: 409, endReason: 'logout' })
    t.equal((await sam.get('/who', { ...as, accept: 'text/html' })).statusCode, 409)
    t.match((await sam.get('/who', as)).json(), { user: 2, impersonator: null })
  })

  await t.test('tells nothing where a signInId of the application\'s own does', async t => {
    const app = await build(t, { signIn: 'secure-session', getRealUser: bearer, signInId: ({ headers }) => headers.authorization ?? null })
    const sam = browser(app)
    await sam.post('/sign-in/9', undefined, as)
    t.equal((await sam.post('/impersonate/3/', undefined, as)).statusCode, 201)
    t.equal((await sam.post('/sign-out', undefined, as)).statusCode, 200)
    t.match((await sam.get('/who', as)).json(), { user: 3 })
  })

  await t.test('that is registered after the plugin is none of its business', async t => {
    const app = Fastify()
    t.teardown(async () => { await app.close() })
    await app.register(cookie)
    await app.register(impersonate, { users: memoryUsers(people()), getRealUser: bearer, databaseUrl: `file:${join(t.testdir(), 'log.db')}` })
    await app.register(session, { secret: 'a secret of at least thirty-two characters', cookie: { secure: 'auto' }, saveUninitialized: true })
    app.get('/who', async ({ user }) => ({ user: user?.id }))
    const sam = browser(app)
    await sam.get('/who', as)
    t.equal((await sam.post('/impersonate/3/', undefined, as)).statusCode, 201)
    for (let times = 0; times < 3; times++) t.same((await sam.get('/who', as)).json(), { user: 3 })
  })
})

t.test('where a signInId cannot tell whether this request has signed out, the next one does', async t => {
  const { app, sam } = await running(t, {
    getRealUser: request => people().find(({ id }) => String(id) === String(request.session?.get('userId'))) ?? null,
    signInId: request => String(Reflect.get(request.session, 'sessionId'))
  })
  t.equal((await sam.post('/sign-out')).statusCode, 200)
  t.match(await lastEntry(app), { endReason: null })
  t.match((await sam.getJson('/who')).json(), { user: null })
  t.match(await lastEntry(app), { endReason: 'logout' })
})

t.test('a row that is gone from the log by the time that it is to be closed is over', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const { sam, everyone } = await running(t, { prisma: faulty(real, faults) })
  change(everyone, 3, { isActive: false })
  faults['updateMany'] = async (args, original) => {
    await real.impersonationLog.deleteMany()
    return await original(args)
  }
  t.match((await sam.getJson('/who')).json(), { code: 'FST_IMPERSONATE_ENDED', endReason: 'target_inactive' })
})

t.test('one that is idle by this request\'s look, but was seen meanwhile, goes on', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const { sam, clock } = await running(t, { prisma: faulty(real, faults), idleTimeout: 60 })
  clock.at += 60_000
  faults['updateMany'] = async (args, original) => {
    delete faults['updateMany']
    await real.impersonationLog.updateMany({ data: { lastSeenAt: new Date(clock.at - 1) } })
    return await original(args)
  }
  t.match((await sam.getJson('/who')).json(), { user: 3 })
})

t.test('a sign-out is answered also where the log is down, and recorded later', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const { app, sam } = await running(t, { prisma: faulty(real, faults), timeout: 100 })
  faults['updateMany'] = async () => { throw new Error('down') }
  t.equal((await sam.post('/sign-out')).statusCode, 200)
  delete faults['updateMany']
  while ((await lastEntry(app)).endReason !== 'logout') await pause(20)
  t.pass()
})

t.test('signing out ends it as logout, and the request goes on as nobody', async t => {
  const { app, sam, key } = await running(t)
  sam.jar.delete('impersonation')
  await sam.signOut()
  sam.jar.set('impersonation', key)
  const response = await sam.getJson('/who')
  t.equal(response.statusCode, 200)
  t.match(response.json(), { user: null, impersonator: null })
  t.notOk(sam.jar.has('impersonation'))
  t.match(await lastEntry(app), { endReason: 'logout' })
})

t.test('where the impersonator is deleted, nobody is signed in any more', async t => {
  const { app, sam, everyone } = await running(t)
  remove(everyone, 2)
  t.match((await sam.getJson('/who')).json(), { user: null })
  t.notOk(sam.jar.has('impersonation'))
  t.match(await lastEntry(app), { endReason: 'impersonator_deleted' })
})

t.test('where a sign-in takes nobody who is inactive, it ends as impersonator_inactive', async t => {
  const everyone = people()
  const getRealUser: BuildOptions['getRealUser'] = ({ headers }) => everyone.find(({ id, isActive }) => isActive && String(id) === headers.authorization) ?? null
  const app = await build(t, { people: everyone, getRealUser })
  const sam = browser(app)
  await sam.post('/impersonate/3/', undefined, { authorization: '2' })
  change(everyone, 2, { isActive: false })
  t.match((await sam.get('/who', { authorization: '2' })).json(), { user: null })
  t.match((await app.inject({ url: '/impersonate/log/', headers: { authorization: '1', accept: 'application/json' } })).json().logs[0], { endReason: 'impersonator_inactive' })
})

t.test('another real user', async t => {
  await t.test('goes on as that person; the row is closed as logout and the cookie cleared', async t => {
    const { app, sam } = await running(t)
    await sam.signIn(6)
    const response = await sam.getJson('/who')
    t.match(response.json(), { user: 6, impersonator: null, impersonation: null })
    t.notOk(sam.jar.has('impersonation'))
    t.match(await lastEntry(app), { endReason: 'logout' })
  })

  await t.test('gains nothing by a stolen key', async t => {
    const { app, key } = await running(t)
    const ada = browser(app)
    await ada.signIn(1)
    ada.jar.set('impersonation', key)
    t.match((await ada.getJson('/who')).json(), { user: 1, impersonator: null })
  })

  await t.test('is the same person\'s other sign-in', async t => {
    const { app, key } = await running(t)
    const elsewhere = browser(app)
    await elsewhere.signIn(2)
    elsewhere.jar.set('impersonation', key)
    t.match((await elsewhere.getJson('/who')).json(), { statusCode: 409, endReason: 'logout' }, 'a page of theirs may believe that it is the target\'s')
    await elsewhere.postJson('/impersonate/stop/')
    t.match((await elsewhere.getJson('/who')).json(), { user: 2, impersonator: null })
    t.match(await lastEntry(app), { endReason: 'logout' })
  })

  await t.test('is not told of one that is over', async t => {
    const { app, sam, key } = await running(t)
    await sam.postJson('/impersonate/stop/')
    const ada = browser(app)
    await ada.signIn(1)
    ada.jar.set('impersonation', key)
    t.match((await ada.getJson('/who')).json(), { user: 1, impersonator: null })
    t.match(await lastEntry(app), { endReason: 'stopped' }, 'and its record stays as it is')
  })
})

t.test('a cookie that is no key of ours', async t => {
  const { app, sam, key } = await running(t)
  const session = [...sam.jar].filter(([name]) => name !== 'impersonation').map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ')
  const cookies = {
    forged: 'impersonation=' + 'A'.repeat(27),
    truncated: `impersonation=${key.slice(0, -1)}`,
    longer: `impersonation=${key}A`,
    empty: 'impersonation=',
    duplicated: `impersonation=${key}; impersonation=${key}`,
    shadowed: `impersonation=${'A'.repeat(27)}; impersonation=${key}`
  }
  for (const [name, value] of Object.entries(cookies)) {
    await t.test(`${name}: 409 with endReason null; signed out, only cleared`, async t => {
      const json = await app.inject({ url: '/who', headers: { accept: 'application/json', cookie: `${session}; ${value}` } })
      t.equal(json.statusCode, 409)
      t.match(json.json(), { code: 'FST_IMPERSONATE_ENDED', endReason: null })
      const page = await app.inject({ url: '/who', headers: { accept: 'text/html', cookie: `${session}; ${value}` } })
      t.equal(page.statusCode, 409)
      t.match(page.body, /Nothing is known of it any more/)
      const nobody = await app.inject({ url: '/who', headers: { cookie: value } })
      t.equal(nobody.statusCode, 200)
      t.match(nobody.cookies, [{ name: 'impersonation', value: '' }])
    })
  }
  t.match((await sam.getJson('/who')).json(), { user: 3 }, 'the one that is good goes on')
})

t.test('a cookie of a similar name is none of ours', async t => {
  const { app } = await running(t)
  const response = await app.inject({ url: '/who', headers: { cookie: 'my-impersonation=x; impersonation2=y' } })
  t.equal(response.statusCode, 200)
  t.equal(response.headers['set-cookie'], undefined)
})

t.test('a 409 clears the cookie', async t => {
  const page = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
  const navigation = { ...page, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' }
  const asked: Array<[string, Record<string, string>, boolean]> = [
    ['a page of a tab', { ...navigation, 'sec-fetch-dest': 'document' }, true],
    ['a frame', { ...navigation, 'sec-fetch-dest': 'iframe' }, false],
    ['an old frame', { ...navigation, 'sec-fetch-dest': 'frame' }, false],
    ['an object', { ...navigation, 'sec-fetch-dest': 'object' }, false],
    ['a navigation that does not say to what', navigation, false],
    ['a script that asks for HTML', { ...page, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, false],
    ['an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, false],
    ['a page fetched ahead', { ...navigation, 'sec-fetch-dest': 'document', 'sec-purpose': 'prefetch;prerender' }, false],
    ['plain http: a page', page, true],
    ['plain http: a page fetched ahead', { ...page, purpose: 'prefetch' }, false],
    ['plain http: a page fetched ahead by an old Firefox', { ...page, 'x-moz': 'prefetch' }, false],
    ['plain http: a poll for JSON', { accept: 'application/json' }, false],
    ['plain http: whatever there is', { accept: '*/*' }, false],
    ['plain http: an event stream', { accept: 'text/event-stream' }, false],
    ['plain http: an image', { accept: 'image/avif,image/webp,*/*;q=0.8' }, false],
    ['plain http: a WebSocket', { ...page, upgrade: 'websocket', connection: 'upgrade' }, false],
    ['nothing said at all', {}, false]
  ]
  for (const [what, headers, isCleared] of asked) {
    for (const at of ['/who', '/impersonate/list/']) {
      await t.test(`${isCleared ? 'for' : 'not for'} ${what}: ${at}`, async t => {
        const { sam, everyone } = await running(t)
        change(everyone, 3, { isActive: false })
        const response = await sam.get(at, headers)
        t.equal(response.statusCode, 409)
        t.equal(response.cookies.some(({ name }) => name === 'impersonation'), isCleared)
        t.equal(sam.jar.has('impersonation'), !isCleared)
        t.equal((await sam.get('/who', { accept: 'application/json' })).statusCode, isCleared ? 200 : 409)
      })
    }
  }
})

t.test('a program that got 409 acknowledges it by a stop', async t => {
  const { sam, everyone } = await running(t)
  change(everyone, 3, { isActive: false })
  for (const time of [1, 2]) t.equal((await sam.getJson('/who')).statusCode, 409, String(time))
  t.strictSame((await sam.postJson('/impersonate/stop')).json(), { user: { id: '2', name: 'sam' }, redirect: '/' })
  t.equal((await sam.getJson('/who')).json().user, 2)
})

t.test('an application\'s error handler gets the coded error with its endReason', async t => {
  const { sam, everyone } = await running(t, {
    before: app => {
      app.setErrorHandler(async (error, request, reply) => await reply.code(499).send({ mine: true, code: Reflect.get(Object(error), 'code'), endReason: Reflect.get(Object(error), 'endReason') }))
    }
  })
  change(everyone, 3, { isActive: false })
  const json = await sam.getJson('/who')
  t.equal(json.statusCode, 499)
  t.same(json.json(), { mine: true, code: 'FST_IMPERSONATE_ENDED', endReason: 'target_inactive' })
})

t.test('with an application\'s error handler the page is ours all the same', async t => {
  const { sam, everyone } = await running(t, { before: app => { app.setErrorHandler(async () => 'mine') } })
  change(everyone, 3, { isActive: false })
  const page = await sam.get('/who', { accept: 'text/html' })
  t.equal(page.statusCode, 409)
  t.match(page.body, /The impersonation is over/)
})

t.test('the plugin\'s own pages answer 409 too, stop and the stylesheet aside', async t => {
  for (const url of ['/impersonate/list/', '/impersonate/status/', '/impersonate/search/']) {
    const { sam, everyone } = await running(t)
    change(everyone, 3, { isActive: false })
    const response = await sam.getJson(url)
    t.equal(response.statusCode, 409, url)
    t.match(response.json(), { code: 'FST_IMPERSONATE_ENDED', endReason: 'target_inactive' })
  }
  const { app, sam, everyone } = await running(t)
  change(everyone, 3, { isActive: false })
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.match(await lastEntry(app), { endReason: 'stopped' })
})

t.test('a stop under another real user ends it as logout', async t => {
  const { app, sam } = await running(t)
  await sam.signIn(6)
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.notOk(sam.jar.has('impersonation'))
  t.match(await lastEntry(app), { endReason: 'logout', endedBy: { id: '2' } })
})

t.test('a stop by nobody ends it as logout', async t => {
  const { app, sam } = await running(t)
  await sam.signOut()
  t.same((await sam.postJson('/impersonate/stop/')).json(), { user: null, redirect: '/' })
  t.match(await lastEntry(app), { endReason: 'logout', endedBy: { id: '2' } })
})

t.test('a stop after the deadline ends it at the deadline', async t => {
  const { app, sam, clock } = await running(t, { maxDuration: 60 })
  clock.at += 3_600_000
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.match(await lastEntry(app), { endReason: 'expired', sessionEndedAt: '2026-01-31T12:01:00.000Z', duration: 60 })
})

t.test('parallel requests that find it over agree on the reason, and it ends once', async t => {
  const ended: unknown[] = []
  const { sam, everyone } = await running(t, { onSessionEnd: ({ endReason }) => { ended.push(endReason) } })
  change(everyone, 3, { isActive: false })
  const headers = { accept: 'application/json', 'sec-fetch-mode': 'cors' }
  const answers = await Promise.all(Array.from({ length: 10 }, async () => await sam.get('/who', headers)))
  for (const answer of answers) t.match(answer.json(), { code: 'FST_IMPERSONATE_ENDED', endReason: 'target_inactive' })
  t.same(ended, ['target_inactive'])
})

t.test('where somebody else ended it first, their reason counts', async t => {
  let isSlow = false
  const { app, sam, everyone } = await running(t, {
    customAllow: async () => {
      // Between this request's look at the row and its close another one stops it.
      if (isSlow) {
        isSlow = false
        await sam.postJson('/impersonate/stop/')
      }
      return true
    }
  })
  change(everyone, 3, { isActive: false })
  isSlow = true
  t.match((await sam.getJson('/who')).json(), { endReason: 'stopped' })
  t.match(await lastEntry(app), { endReason: 'stopped' })
})

t.test('over https', async t => {
  const https: InjectOptions['headers'] = { 'x-forwarded-proto': 'https' }
  const app = await build(t, { server: { trustProxy: true }, getRealUser: () => people()[1] })
  const started = await app.inject({ method: 'POST', url: '/impersonate/3/', headers: https })
  const [given] = started.cookies
  t.match(given, { name: '__Host-impersonation', path: '/', secure: true, httpOnly: true, sameSite: 'Lax' })
  t.notOk('domain' in Object(given) || 'maxAge' in Object(given) || 'expires' in Object(given))
  const key = given?.value ?? ''

  const who = async (cookie: string) => (await app.inject({ url: '/who', headers: { ...https, cookie } })).json()
  t.match(await who(`__Host-impersonation=${key}`), { user: 3, impersonator: 2 })
  t.match(await who(`impersonation=${key}`), { user: 2, impersonator: null }, 'only the name with __Host- is read')
  t.match(await who(`impersonation=${'A'.repeat(27)}; __Host-impersonation=${key}`), { user: 3 }, 'one planted without it is ignored')
})

t.test('the cookie\'s attributes are the plugin\'s own, whatever @fastify/cookie\'s parseOptions say', async t => {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(cookie, {
    secret: 'a secret',
    hook: 'preHandler',
    parseOptions: { signed: true, domain: 'evil.example', maxAge: 60, expires: new Date(0), httpOnly: false, secure: true, sameSite: 'none', path: '/elsewhere', partitioned: true, priority: 'low', encode: () => 'encoded' }
  })
  await app.register(impersonate, { users: memoryUsers(people()), getRealUser: () => people()[1], databaseUrl: `file:${join(t.testdir(), 'log.db')}` })
  app.get('/who', async request => ({ user: request.user?.id }))
  const started = await app.inject({ method: 'POST', url: '/impersonate/3/' })
  t.match(String(started.headers['set-cookie']), /^impersonation=[\w-]{27}; Path=\/; HttpOnly; SameSite=Lax$/)
  const headers = { cookie: `impersonation=${started.cookies[0]?.value}` }
  t.same((await app.inject({ url: '/who', headers })).json(), { user: 3 }, 'read before @fastify/cookie has parsed anything')
  const stopped = await app.inject({ method: 'POST', url: '/impersonate/stop/', headers })
  t.match(String(stopped.headers['set-cookie']), /^impersonation=; Max-Age=0; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax$/)
})

t.test('the cookie takes the attributes that the option names', async t => {
  const app = await build(t, { cookie: { name: 'mask', path: '/', sameSite: 'strict', secure: true }, getRealUser: () => people()[1] })
  const started = await app.inject({ method: 'POST', url: '/impersonate/3/' })
  t.match(started.cookies, [{ name: '__Host-mask', sameSite: 'Strict', secure: true }])
  const narrow = await build(t, { databaseUrl: `file:${join(t.testdirName, 'narrow.db')}`, cookie: { path: '/app', secure: true }, prefix: '/app/impersonate', getRealUser: () => people()[1] })
  t.match((await narrow.inject({ method: 'POST', url: '/app/impersonate/3/' })).cookies, [{ name: 'impersonation', path: '/app', secure: true }], '__Host- is for the path / alone')
})

t.test('Cache-Control', async t => {
  const { sam } = await running(t, {
    after: app => {
      app.get('/public', async (request, reply) => await reply.header('cache-control', 'public, max-age=60').send({}))
      app.get('/immutable', async (request, reply) => await reply.header('cache-control', 'public, immutable').send({}))
      app.get('/admin/public', async (request, reply) => await reply.header('cache-control', 'public, max-age=60').send({}))
      app.get('/hijacked', async (request, reply) => { reply.hijack(); reply.raw.end('raw') })
      app.get('/fails', async () => { throw new Error('broken') })
    }
  })
  const control = async (url: string) => (await sam.get(url)).headers['cache-control']
  for (const url of ['/who', '/public', '/hijacked', '/fails', '/nowhere']) t.equal(await control(url), 'private, no-store', `${url} is for this browser alone`)
  t.equal(await control('/immutable'), 'public, immutable', 'what is immutable is nobody\'s')
  t.equal(await control('/admin/public'), 'public, max-age=60', 'excluded paths are not touched')
  await sam.postJson('/impersonate/stop/')
  t.equal(await control('/public'), 'public, max-age=60', 'nor is the real user')
  t.equal(await control('/who'), undefined)
})

t.test('which answer a refusal takes', async t => {
  const cases: Array<[Record<string, string>, 'html' | 'json']> = [
    [{}, 'html'],
    [{ accept: '*/*' }, 'html'],
    [{ accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, 'html'],
    [{ accept: 'application/json' }, 'json'],
    [{ accept: 'application/json, text/html;q=0.5' }, 'json'],
    [{ accept: 'text/html, application/json;q=0.5' }, 'html'],
    [{ accept: 'image/png' }, 'html'],
    [{ 'sec-fetch-dest': 'empty' }, 'json'],
    [{ 'sec-fetch-dest': 'empty', accept: '*/*' }, 'json'],
    [{ 'sec-fetch-dest': 'empty', accept: 'text/html, */*' }, 'html'],
    [{ 'content-type': 'application/json', accept: 'text/html' }, 'json'],
    [{ 'content-type': 'application/vnd.api+json' }, 'json'],
    [{ 'content-type': 'text/plain' }, 'html']
  ]
  const { sam, everyone } = await running(t)
  change(everyone, 3, { isActive: false })
  for (const [headers, kind] of cases) {
    const response = await sam.get('/who', { 'sec-fetch-mode': 'cors', ...headers })
    t.equal(response.statusCode, 409)
    t.match(response.headers['content-type'], kind === 'json' ? /json/ : /html/, JSON.stringify(headers))
  }
})

t.test('the plugin\'s own pages show that it is over too, and the status says so', async t => {
  const { everyone, sam } = await running(t)
  change(everyone, 3, { isActive: false })
  const status = await sam.get('/impersonate/status/', { 'sec-fetch-mode': 'cors', accept: 'application/json' })
  t.match(status.json(), { statusCode: 409, code: 'FST_IMPERSONATE_ENDED', endReason: 'target_inactive' })
  const page = await sam.get('/impersonate/list/', { accept: 'text/html' })
  t.equal(page.statusCode, 409)
  t.match(page.body, /The account you saw is inactive/)
  t.equal((await sam.get('/impersonate/list/')).statusCode, 200)
})

t.test('a page that the browser fetches ahead keeps the cookie, as nobody may ever see it', async t => {
  const { everyone, sam } = await running(t)
  change(everyone, 3, { isActive: false })
  const ahead = await sam.get('/who', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-purpose': 'prefetch;prerender' })
  t.equal(ahead.statusCode, 409)
  t.ok(sam.jar.has('impersonation'))
  t.equal((await sam.get('/who', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).statusCode, 409)
  t.notOk(sam.jar.has('impersonation'))
})
