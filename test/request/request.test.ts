import secureSession from '@fastify/secure-session'
import view from '@fastify/view'
import cookie from '@fastify/cookie'
import { Eta } from 'eta'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { createHook } from 'node:async_hooks'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import type { User } from '../../dist/lib/types/index.js'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'

/** By names that tsc does not follow: each types `request.user` for the whole project, as its application would have it. */
const [passportName, jwtName]: string[] = ['@fastify/passport', '@fastify/jwt']
const { Authenticator } = await import(String(passportName))
const { default: jwt } = await import(String(jwtName))

type Seen = { user: number | null, impersonator: number | null, realUser: number | null, impersonation: boolean }

function seen (request: FastifyRequest): Seen {
  const id = (user: User | null | undefined) => (user === null || user === undefined ? null : Number(user.id))
  return { user: id(request.user), impersonator: id(request.impersonator), realUser: id(request.realUser), impersonation: request.impersonation !== null }
}

const AS_CARL: Seen = { user: 3, impersonator: 2, realUser: 2, impersonation: true }
const AS_SAM: Seen = { user: 2, impersonator: null, realUser: 2, impersonation: false }
const AS_NOBODY: Seen = { user: null, impersonator: null, realUser: null, impersonation: false }

/** An application in which everything that answers says who it sees. */
async function talkative (t: Test, options: BuildOptions = {}) {
  return await build(t, {
    ...options,
    before: async app => {
      app.setErrorHandler(async (error, request, reply) => await reply.code(500).send({ ...seen(request), code: Reflect.get(Object(error), 'code') }))
      app.setNotFoundHandler(async (request, reply) => await reply.code(404).send(seen(request)))
      app.get('/early', async request => seen(request))
      await app.register(async child => { child.get('/early-child', async request => seen(request)) })
      await options.before?.(app)
    },
    after: async app => {
      app.get('/handler', async request => seen(request))
      app.get('/throws', async () => { throw new Error('broken') })
      await app.register(async child => { child.get('/late-child', async request => seen(request)) })
      await options.after?.(app)
    }
  })
}

/** A bearer's sign-in: the header says who it is. */
const bearer = (find: (id: string) => unknown) => (request: FastifyRequest) => {
  const { authorization } = request.headers
  return authorization === undefined ? undefined : find(authorization) as Promise<User>
}
const everyone = people()
const byId = (id: string) => everyone.find(user => String(user.id) === id) ?? null

const signIns: Record<string, { options: BuildOptions, headers: Record<string, string> }> = {
  '@fastify/session': { options: { signIn: 'session' }, headers: {} },
  '@fastify/secure-session': { options: { signIn: 'secure-session' }, headers: {} },
  'a sync bearer': { options: { getRealUser: bearer(byId) }, headers: { authorization: '2' } },
  'an async bearer': { options: { getRealUser: bearer(async id => byId(id)) }, headers: { authorization: '2' } },
  'a bearer whose promise is none of Promise\'s': {
    options: { getRealUser: bearer(id => ({ then: (done: (user: unknown) => void) => { setImmediate(done, byId(id)) } })) },
    headers: { authorization: '2' }
  }
}

for (const [name, { options, headers }] of Object.entries(signIns)) {
  t.test(`over ${name}`, async t => {
    const app = await talkative(t, options)
    const sam = browser(app)
    if (Object.keys(headers).length === 0) await sam.signIn(2)
    const places = ['/early', '/early-child', '/handler', '/late-child', '/throws', '/nowhere']

    await t.test('a plain request runs as the real user everywhere', async t => {
      for (const url of places) t.match((await sam.get(url, headers)).json(), AS_SAM, url)
    })

    t.equal((await sam.post('/impersonate/3/', undefined, { ...headers, accept: 'application/json' })).statusCode, 201)

    await t.test('an impersonated request runs as the target everywhere', async t => {
      for (const url of places) t.match((await sam.get(url, headers)).json(), AS_CARL, url)
    })

    await t.test('on an excluded path the real user is seen', async t => {
      t.match((await sam.get('/admin/who', headers)).json(), { user: 2, impersonator: null, realUser: 2, impersonation: null })
    })

    await t.test('after a stop the real user is seen again', async t => {
      t.equal((await sam.post('/impersonate/stop/', undefined, { ...headers, accept: 'application/json' })).statusCode, 200)
      for (const url of places) t.match((await sam.get(url, headers)).json(), AS_SAM, url)
    })
  })
}

t.test('a request that cannot tell who it is', async t => {
  const ways: Record<string, () => undefined | Promise<undefined>> = { sync: () => undefined, async: async () => undefined }
  for (const [name, cannotTell] of Object.entries(ways)) {
    await t.test(`runs as nobody and touches nothing (${name})`, async t => {
      const getRealUser = (request: FastifyRequest): User | null | undefined | Promise<undefined> => request.headers.authorization === undefined ? cannotTell() : byId('2')
      const app = await talkative(t, { getRealUser })
      const sam = browser(app)
      await sam.post('/impersonate/3/', undefined, { authorization: '2' })
      const response = await sam.get('/handler')
      t.same(response.json(), AS_NOBODY)
      t.equal(response.headers['set-cookie'], undefined)
      t.same((await sam.get('/handler', { authorization: '2' })).json(), AS_CARL)
    })
  }

  await t.test('is one outside the session\'s cookie path', async t => {
    const app = await talkative(t, {
      before: app => {
        app.addHook('onRequest', async request => { if (request.url === '/handler') Object.defineProperty(request, 'session', { value: {} }) })
      }
    })
    const sam = browser(app)
    await sam.signIn(2)
    await sam.postJson('/impersonate/3/')
    const response = await sam.get('/handler')
    t.same(response.json(), AS_NOBODY)
    t.equal(response.headers['set-cookie'], undefined)
    t.same((await sam.get('/late-child')).json(), AS_CARL)
  })
})

t.test('a request of which getRealUser says null runs as nobody', async t => {
  for (const nobody of [() => null, async () => null]) {
    const app = await talkative(t, { getRealUser: nobody })
    t.same((await app.inject('/handler')).json(), AS_NOBODY)
  }
})

t.test('where getRealUser fails', async t => {
  const failures: Record<string, (request: FastifyRequest) => never | Promise<never>> = {
    throws: () => { throw new Error('the users are down') },
    rejects: async () => { throw new Error('the users are down') }
  }
  for (const [name, fail] of Object.entries(failures)) {
    await t.test(`and ${name}, nothing runs as anybody: 503`, async t => {
      const app = await talkative(t, { getRealUser: fail })
      const plain = await app.inject('/handler')
      t.equal(plain.statusCode, 500, 'answered by the application\'s error handler')
      t.same(plain.json(), { ...AS_NOBODY, code: 'FST_IMPERSONATE_UNAVAILABLE' })
      const claiming = await app.inject({ url: '/handler', headers: { cookie: 'impersonation=x' } })
      t.same(claiming.json(), { ...AS_NOBODY, code: 'FST_IMPERSONATE_UNAVAILABLE' })
    })

    await t.test(`and ${name}, stop still lets out`, async t => {
      let isDown = false
      const app = await build(t, { getRealUser: request => isDown ? fail(request) : byId('2') })
      const sam = browser(app)
      await sam.postJson('/impersonate/3/')
      isDown = true
      t.equal((await sam.get('/who')).statusCode, 503)
      const response = await sam.postJson('/impersonate/stop/')
      t.equal(response.statusCode, 200)
      t.same(response.json(), { user: null, redirect: '/' })
      t.equal(sam.jar.size, 0)
      t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200, 'also without the cookie')
      isDown = false
      t.equal((await sam.get('/who')).json().user, 2)
    })
  }

  await t.test('its own UNAVAILABLE error passes unchanged', async t => {
    const { errors } = await import('../../dist/index.js')
    const app = await build(t, { getRealUser: async () => { throw new errors.FST_IMPERSONATE_UNAVAILABLE('my own words') } })
    const response = await app.inject('/who')
    t.equal(response.statusCode, 503)
    t.match(response.json().message, /my own words/)
  })
})

t.test('plain and impersonated requests have the same keys', async t => {
  const keys: string[][] = []
  const app = await build(t, { after: app => { app.get('/keys', async request => { keys.push(Object.keys(request)); return {} }) } })
  await app.inject('/keys')
  const sam = browser(app)
  await sam.signIn(2)
  await sam.get('/keys')
  await sam.postJson('/impersonate/3/')
  await sam.get('/keys')
  t.same(keys[1], keys[0])
  t.same(keys[2], keys[0])
})

t.test('the effective user', async t => {
  class Customer {
    readonly id: number
    readonly isSuperuser = false
    isImpersonate = 'a field of the application\'s'
    constructor (id: number) { this.id = id }
    greet () { return `customer ${this.id}` }
  }
  const shared = Object.freeze(new Customer(3))
  const users = { findById: async (id: string) => id === '3' ? shared as unknown as User : null, findPage: async () => ({ users: [], hasNext: false, hasPrevious: false, count: 0, countIsExact: true }) }
  let user: Record<string, unknown> = {}
  let inner: unknown
  const app = await build(t, {
    users,
    getRealUser: () => byId('2'),
    after: app => {
      app.get('/look', async request => {
        user = request.user as unknown as Record<string, unknown>
        inner = request.user
        return request.user
      })
    }
  })
  const sam = browser(app)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  const answer = (await sam.get('/look')).json()

  t.not(inner, shared, 'is no object that the source may share')
  t.ok(inner instanceof Customer, 'keeps its prototype')
  t.equal((inner as Customer).greet(), 'customer 3')
  t.equal(user['isImpersonate'], true)
  t.equal((user['impersonator'] as User).id, 2)
  t.same(Object.keys(user), ['id', 'isSuperuser'], 'has nothing more to enumerate')
  t.same(answer, { id: 3, isSuperuser: false }, 'shows nothing of it as JSON')
  t.equal(shared.isImpersonate, 'a field of the application\'s', 'the shared one is untouched')
  t.notOk('impersonator' in shared)
})

t.test('two requests have an object of their own each', async t => {
  const found: unknown[] = []
  const app = await build(t, { after: app => { app.get('/look', async request => { found.push(request.user); return {} }) } })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  await Promise.all([sam.get('/look'), sam.get('/look')])
  t.equal(found.length, 2)
  t.not(found[0], found[1])
})

t.test('what a handler writes to request.user', async t => {
  const app = await build(t, {
    after: app => {
      app.get('/write/:id', async request => {
        request.user = byId(Reflect.get(Object(request.params), 'id'))
        return seen(request)
      })
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  t.same((await sam.get('/write/6')).json(), { ...AS_SAM, user: 6, realUser: 6 }, 'is the user of a plain request')
  await sam.postJson('/impersonate/3/')
  t.same((await sam.get('/write/6')).json(), AS_CARL, 'makes nobody somebody else while impersonating')
  t.same((await sam.get('/write/none')).json(), AS_CARL, 'signing out within a request does not change who sent it')
})

for (const order of ['before', 'after'] as const) {
  t.test(`@fastify/passport registered ${order}`, async t => {
    const passport = new Authenticator()
    passport.registerUserSerializer(async (user: User) => String(user.id))
    passport.registerUserDeserializer(async (id: string) => byId(id))
    const app = await talkative(t, {
      signIn: 'secure-session',
      getRealUser: request => byId(String(Reflect.get(Object(request), 'session').get('passport') ?? '')),
      [order]: async (app: FastifyInstance) => {
        await app.register(passport.initialize())
        await app.register(passport.secureSession())
        app.post('/login/:id', async request => {
          await Reflect.get(request, 'logIn').call(request, byId(Reflect.get(Object(request.params), 'id')))
          return {}
        })
      }
    })
    const sam = browser(app)
    await sam.send({ method: 'POST', url: '/login/2' })
    t.same((await sam.get('/handler')).json(), AS_SAM)
    await sam.postJson('/impersonate/3/')
    t.same((await sam.get('/handler')).json(), AS_CARL)
    t.match((await sam.get('/nowhere')).json(), AS_CARL)
    await sam.postJson('/impersonate/stop/')
    t.same((await sam.get('/handler')).json(), AS_SAM)
  })

  t.test(`@fastify/jwt registered ${order}`, async t => {
    const app = await talkative(t, {
      getRealUser: async request => {
        if (request.headers.authorization === undefined) return undefined
        const { id } = await Reflect.get(request, 'jwtVerify').call(request)
        return byId(id)
      },
      [order]: async (app: FastifyInstance) => {
        await app.register(jwt, { secret: 'a secret' })
        app.get('/verify', async request => {
          await Reflect.get(request, 'jwtVerify').call(request)
          return seen(request)
        })
      }
    })
    await app.ready()
    const headers = { authorization: `Bearer ${Reflect.get(app, 'jwt').sign({ id: '2' })}` }
    const sam = browser(app)
    t.match((await sam.get('/handler', headers)).json(), { user: 2, impersonator: null })
    t.equal((await sam.post('/impersonate/3/', undefined, headers)).statusCode, 302)
    t.same((await sam.get('/handler', headers)).json(), AS_CARL)
    t.same((await sam.get('/verify', headers)).json(), AS_CARL, 'what jwtVerify writes changes nothing')
    t.same((await sam.get('/handler')).json(), AS_NOBODY, 'no header: cannot tell')
  })

  t.test(`@fastify/view registered ${order}: reply.locals.impersonate is for templates`, async t => {
    const eta = new Eta()
    eta.loadTemplate('@page', '<%= it.impersonate.user?.username %> <%= it.impersonate.impersonator?.username %> <%= it.own %>')
    const app = await build(t, {
      [order]: async (app: FastifyInstance) => {
        await app.register(view, { engine: { eta }, root: import.meta.dirname })
      },
    })
    const page = async (request: FastifyRequest, reply: FastifyReply) => {
      const { impersonate } = Object(Reflect.get(reply, 'locals'))
      return { user: impersonate.user?.id ?? null, impersonator: impersonate.impersonator?.id ?? null, isImpersonate: impersonate.user?.isImpersonate ?? false }
    }
    app.get('/page', page)
    const sam = browser(app)
    t.same((await sam.get('/page')).json(), { user: null, impersonator: null, isImpersonate: false })
    await sam.signIn(2)
    t.same((await sam.get('/page')).json(), { user: 2, impersonator: null, isImpersonate: false })
    t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
    t.same((await sam.get('/page')).json(), { user: 3, impersonator: 2, isImpersonate: true })
  })
}

t.test('reply.locals without @fastify/view', async t => {
  await t.test('has impersonate, is the same object each time and takes another', async t => {
    const app = await build(t, {
      after: app => {
        app.get('/locals', async (request, reply) => {
          const locals = () => Object(Reflect.get(reply, 'locals'))
          locals().kept = 1
          const kept = locals().kept
          Reflect.set(reply, 'locals', { own: 2 })
          return { kept, own: locals().own, user: locals().impersonate.user?.id }
        })
      }
    })
    const sam = browser(app)
    await sam.signIn(2)
    await sam.postJson('/impersonate/3/')
    t.same((await sam.get('/locals')).json(), { kept: 1, own: 2, user: 3 })
  })
})

t.test('a request without the plugin\'s cookie asks nothing of anybody', async t => {
  const asked: string[] = []
  /** What @fastify/session itself does when it has to decide whether to save. */
  const isOfItsOwn = (name: string) => ['session.sessionId', 'session.encryptedSessionId', 'session.toJSON'].includes(name) || /^session\.(is|Symbol|cookie)/.test(name)
  const counting = <Counted extends object> (name: string, target: Counted): Counted => new Proxy(target, {
    get (on, key) { asked.push(`${name}.${String(key)}`); return Reflect.get(on, key) }
  })
  const { client, close } = await openEmbedded(`file:${join(t.testdir(), 'log.db')}`)
  t.teardown(close)
  const app = await build(t, {
    prisma: counting('prisma', client) as never,
    users: counting('users', memoryUsers(everyone)),
    getRealUser: () => byId('2'),
    before: app => {
      app.addHook('onRequest', async request => { Object.defineProperty(request, 'session', { value: counting('session', Object(request.session)) }) })
    },
    after: app => { app.get('/quiet', async request => seen(request)) }
  })
  await app.ready()
  asked.length = 0
  t.same((await app.inject({ url: '/quiet', headers: { cookie: 'theme=dark' } })).json(), AS_SAM)
  t.same(asked.filter(name => !isOfItsOwn(name)), [])

  const sam = browser(app)
  await sam.postJson('/impersonate/3/')
  asked.length = 0
  t.same((await sam.get('/quiet')).json(), AS_CARL)
  t.ok(asked.includes('users.findById'), 'with it, the users are asked')
})

t.test('a request without the plugin\'s cookie makes no promise, and goes on in the same turn', async t => {
  let made = 0
  const promises = createHook({ init (id, type) { if (type === 'PROMISE') made++ } })
  t.teardown(() => { promises.disable() })
  let turn = 0
  const seenBetween: Array<{ made: number, turns: number }> = []
  const app = await build(t, {
    signIn: 'bearer',
    getRealUser: () => byId('2'),
    before: app => {
      app.addHook('onRequest', function first (request, reply, done) {
        const begun = turn
        queueMicrotask(() => { turn++ })
        made = 0
        promises.enable()
        request.raw.once('seen', () => {
          seenBetween.push({ made, turns: turn - begun })
          promises.disable()
        })
        done()
      })
    },
    after: app => {
      app.addHook('onRequest', function last (request, reply, done) { request.raw.emit('seen'); done() })
      app.get('/quiet', async request => seen(request))
    }
  })
  await app.ready()
  const sam = browser(app)
  await sam.postJson('/impersonate/3/')
  seenBetween.length = 0
  for (const headers of [{}, { cookie: 'theme=dark; sessionId=none' }]) {
    t.same((await app.inject({ url: '/quiet', headers })).json(), AS_SAM)
  }
  t.same(seenBetween.splice(0), [{ made: 0, turns: 0 }, { made: 0, turns: 0 }])

  t.same((await sam.get('/quiet')).json(), AS_CARL)
  t.equal(seenBetween.at(0)?.turns, 1, 'with it, there is something to wait for')
  t.ok(Number(seenBetween.at(0)?.made) > 0)
})

t.test('parallel requests each see the right person', async t => {
  const app = await build(t, {
    getRealUser: async request => { await new Promise(resolve => setImmediate(resolve)); return byId(String(request.headers.authorization ?? '')) },
    after: app => {
      app.get('/slow', async request => {
        const before = seen(request)
        await new Promise(resolve => setImmediate(resolve))
        t.same(seen(request), before)
        return before
      })
    }
  })
  const ada = browser(app)
  const sam = browser(app)
  await ada.post('/impersonate/4/', undefined, { authorization: '1' })
  await sam.post('/impersonate/3/', undefined, { authorization: '2' })
  await Promise.all(Array.from({ length: 20 }, async () => {
    const [one, two, three] = await Promise.all([
      ada.get('/slow', { authorization: '1' }), sam.get('/slow', { authorization: '2' }),
      app.inject({ url: '/slow', headers: { authorization: '5' } })
    ])
    t.same(one.json(), { user: 4, impersonator: 1, realUser: 1, impersonation: true })
    t.same(two.json(), AS_CARL)
    t.same(three.json(), { ...AS_SAM, user: 5, realUser: 5 })
  }))
})

t.test('routes of the application\'s own start and stop', async t => {
  const app = await build(t, {
    after: app => {
      app.post('/begin', async (request, reply) => {
        const { user, impersonator, impersonation } = await app.impersonate.start(request, reply, 3)
        return { user: user.id, impersonator: impersonator.id, impersonation, now: seen(request) }
      })
      app.post('/end', async (request, reply) => {
        const { user, returnTo } = await app.impersonate.stop(request, reply)
        return { user: user?.id, returnTo }
      })
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  const begun = (await sam.postJson('/begin')).json()
  t.match(begun, { user: 3, impersonator: 2, impersonation: { readOnly: false, expiresAt: null, reason: null } })
  t.same(begun.now, AS_SAM, 'it takes effect with the next request')
  t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: 2, impersonation: begun.impersonation })
  t.equal((await sam.postJson('/begin')).json().code, 'FST_IMPERSONATE_ALREADY_ACTIVE')
  t.same((await sam.postJson('/end')).json(), { user: 2, returnTo: null })
  t.notOk(sam.jar.has('impersonation'))
  t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
})

t.test('what is missing fails at start-up', async t => {
  const users = memoryUsers([person(1, 'ada')])
  const databaseUrl = `file:${join(t.testdir(), 'log.db')}`
  const start = async (register: (app: FastifyInstance) => Promise<unknown>) => {
    const app = Fastify()
    t.teardown(async () => { await app.close() })
    await register(app)
    await app.ready()
  }
  await t.rejects(start(async app => { await app.register(impersonate, { users, databaseUrl }) }), { code: 'FST_IMPERSONATE_MISSING_COOKIE', message: /Register @fastify\/cookie before/ })
  await t.rejects(start(async app => {
    await app.register(cookie)
    await app.register(impersonate, { users, databaseUrl })
  }), { code: 'FST_IMPERSONATE_MISSING_SESSION', message: /"getRealUser"/ })
  await t.rejects(start(async app => {
    await app.register(cookie)
    await app.register(impersonate, { users, disableLogging: true, getRealUser: () => null })
  }), { code: 'FST_IMPERSONATE_MISSING_SESSION', message: /"disableLogging"/ })
  await t.resolves(start(async app => {
    await app.register(cookie)
    await app.register(impersonate, { users, databaseUrl, getRealUser: () => null, logLevel: 'silent', prefix: '/masks' })
    t.equal(app.impersonate.url('list'), '/masks/list/')
  }), 'no session is needed with a sign-in of one\'s own')
  await t.resolves(start(async app => {
    await app.register(secureSession, { key: Buffer.alloc(32, 7) })
    await app.register(impersonate, { users, databaseUrl })
  }), '@fastify/secure-session brings the cookie with it')
})

for (const [what, decoration] of [
  ['a getter and a setter', { getter (this: any) { return this.own ?? null }, setter (this: any, user: unknown) { this.own = user } }],
  ['a getter alone', { getter: () => null }]
] as const) {
  t.test(`the target is seen also where the application decorates user with ${what}`, async t => {
    const everyone = people()
    const app = await build(t, {
      people: everyone,
      getRealUser: async request => everyone.find(user => String(user.id) === String(Reflect.get(request, 'session').get('userId'))) ?? null,
      before: app => { app.decorateRequest('user', decoration as never) }
    })
    const sam = browser(app)
    await sam.signIn(2)
    t.match((await sam.getJson('/who')).json(), { realUser: 2, impersonator: null })
    t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
    t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: 2, isImpersonate: true })
  })
}
