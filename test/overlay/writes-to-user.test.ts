import type { FastifyInstance, FastifyRequest } from 'fastify'
import t from 'tap'
import { webSession } from '../../dist/lib/http/web-session.js'
import type { User } from '../../dist/lib/types/index.js'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'

/** By names that tsc does not follow: each types `request.user` for the whole project, as its application would have it. */
const [passportName, jwtName]: string[] = ['@fastify/passport', '@fastify/jwt']
const { Authenticator } = await import(String(passportName))
const { default: jwt } = await import(String(jwtName))

function seen (request: FastifyRequest) {
  const id = (user: User | null | undefined) => user?.id ?? null
  return {
    user: id(request.user),
    isMasked: request.user?.isImpersonate ?? false,
    impersonator: id(request.impersonator),
    realUser: id(request.realUser),
    of: id(request.user?.impersonator)
  }
}

const AS_CARL = { user: 3, isMasked: true, impersonator: 2, realUser: 2, of: 2 }

/** Lines that the application's log has. */
function lines (): { logged: string[], server: BuildOptions['server'] } {
  const logged: string[] = []
  return { logged, server: { logger: { level: 'warn', stream: { write: (line: string) => { logged.push(line) } } } } }
}

t.test('anything but one of the two people is ignored, with one warning a process', async t => {
  const { logged, server } = lines()
  const written: unknown[] = [
    { sub: '3', iat: 1 }, person(6, 'sue'), 'a text', 3, {}, [], Object.defineProperty({}, 'id', { get: () => { throw new Error('no') } }), null, undefined
  ]
  const app = await build(t, {
    server: { ...server, disableRequestLogging: true },
    after: app => {
      app.get('/write/:index', async request => {
        Reflect.set(request, 'user', written[Number(Reflect.get(Object(request.params), 'index'))])
        return seen(request)
      })
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  t.match((await sam.get('/write/1')).json(), { user: 6, impersonator: null, realUser: 6 }, 'a plain request takes what it is given')
  await sam.postJson('/impersonate/3/')
  for (const index of written.keys()) t.same((await sam.get(`/write/${index}`)).json(), AS_CARL, String(index))
  t.equal(logged.filter(line => line.includes('request.user')).length, 1)
})

t.test('a newer object of the target is what user shows, still masked', async t => {
  let newer: object = {}
  let isSame = false
  const app = await build(t, {
    after: app => {
      app.post('/save', async request => {
        const saved = person(3, 'carl', { firstName: 'Rosa' })
        request.user = saved
        newer = Object(request.user)
        const before = request.user
        request.user = before
        isSame = request.user === before && request.user !== saved
        return { ...seen(request), firstName: request.user?.firstName, keys: Object.keys(saved).includes('isImpersonate') }
      })
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  t.same((await sam.post('/save')).json(), { ...AS_CARL, firstName: 'Rosa', keys: false })
  t.ok(isSame, 'what is masked already is not masked again')
  t.same(Object.keys(newer).filter(key => /impersonat/i.test(key)), [])
  t.match((await sam.getJson('/impersonate/status/')).json(), { user: { id: '3' }, impersonator: { id: '2' } })
})

t.test('a newer object of the impersonator is the impersonator', async t => {
  const app = await build(t, {
    after: app => {
      app.get('/write', async request => {
        request.user = person(2, 'samantha')
        return { ...seen(request), name: request.impersonator?.username, of: request.user?.impersonator?.username }
      })
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  t.same((await sam.get('/write')).json(), { ...AS_CARL, name: 'samantha', of: 'samantha' })
})

for (const order of ['before', 'after'] as const) {
  t.test(`@fastify/jwt's default decorator, verified in a hook ${order} the plugin`, async t => {
    const everyone = people()
    const ends: unknown[] = []
    const app = await build(t, {
      people: everyone,
      signInId: () => null,
      getRealUser: async request => {
        if (request.headers.authorization === undefined) return null
        const { sub } = await Reflect.get(request, 'jwtVerify').call(request)
        return everyone.find(({ id }) => String(id) === sub) ?? null
      },
      customAllow: async request => {
        const { sub } = await Reflect.get(request, 'jwtVerify').call(request)
        return sub === '2' && Reflect.get(Object(request.user), 'sub') === '2'
      },
      onSessionEnd: ({ log }) => { ends.push([log.endReason, log.endedById, log.endedByName]) },
      [order]: async (app: FastifyInstance) => {
        await app.register(jwt, { secret: 'a secret' })
        app.addHook('onRequest', async request => {
          if (request.headers.authorization !== undefined) await Reflect.get(request, 'jwtVerify').call(request)
        })
        app.get('/seen', async request => seen(request))
        app.get('/again', async request => {
          await Reflect.get(request, 'jwtVerify').call(request)
          return seen(request)
        })
      }
    })
    await app.ready()
    const headers = { authorization: `Bearer ${Reflect.get(app, 'jwt').sign({ sub: '2' })}`, accept: 'application/json' }
    const sam = browser(app)
    t.equal((await sam.post('/impersonate/3/', undefined, headers)).statusCode, 201)
    t.same((await sam.get('/seen', headers)).json(), AS_CARL)
    t.same((await sam.get('/again', headers)).json(), AS_CARL)
    t.match((await sam.get('/impersonate/status/', headers)).json(), { isImpersonate: true, user: { id: '3' }, impersonator: { id: '2' } })
    t.equal((await sam.post('/impersonate/stop/', undefined, headers)).statusCode, 200)
    t.same(ends, [['stopped', '2', 'sam']])
  })

  t.test(`@fastify/passport registered ${order}, and a handler that saves the user`, async t => {
    const everyone = people()
    const byId = (id: string) => everyone.find(user => String(user.id) === id) ?? null
    const passport = new Authenticator()
    passport.registerUserSerializer(async (user: User) => String(user.id))
    passport.registerUserDeserializer(async (id: string) => ({ ...byId(id), isNewer: true }))
    const app = await build(t, {
      signIn: 'secure-session',
      people: everyone,
      getRealUser: request => byId(String(webSession(request)?.get('passport') ?? '')),
      [order]: async (app: FastifyInstance) => {
        await app.register(passport.initialize())
        await app.register(passport.secureSession())
        app.post('/login/:id', async request => {
          await Reflect.get(request, 'logIn').call(request, byId(Reflect.get(Object(request.params), 'id')))
          return {}
        })
        app.post('/save', async request => {
          const isNewer: unknown = Reflect.get(Object(request.impersonator), 'isNewer')
          request.user = person(3, 'carl', { firstName: 'Rosa' })
          return { ...seen(request), isNewer, firstName: request.user?.firstName }
        })
      }
    })
    const sam = browser(app)
    await sam.post('/login/2')
    t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
    t.same((await sam.post('/save')).json(), { ...AS_CARL, isNewer: true, firstName: 'Rosa' })
    t.match((await sam.getJson('/impersonate/status/')).json(), { isImpersonate: true, user: { id: '3' }, impersonator: { id: '2' } })
    t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  })
}

t.test('what the options\' functions write to their request stays with them', async t => {
  const wrote: unknown[] = []
  const write = (request: FastifyRequest) => {
    for (const name of ['user', 'realUser', 'impersonator', 'impersonation']) Reflect.set(request, name, { id: 6 })
    wrote.push([request.user?.id, request.realUser?.id, request.impersonator?.id, Reflect.get(Object(request.impersonation), 'id')])
    return true
  }
  const app = await build(t, {
    customAllow: write,
    customUserQueryset: request => { write(request); return () => true },
    readOnly: request => !write(request),
    adminAllow: write,
    requireReason: { validate: (reason, { request }) => write(request) },
    after: app => { app.get('/seen', async request => seen(request)) }
  })
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.postJson('/impersonate/3/', { reason: 'a reason' })).statusCode, 201)
  t.same((await sam.get('/seen')).json(), AS_CARL)
  t.ok(wrote.length >= 6)
  t.same(wrote.filter(ids => String(ids) !== '6,6,6,6'), [])
})
