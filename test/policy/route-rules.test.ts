import Fastify from 'fastify'
import cookie from '@fastify/cookie'
import t, { type Test } from 'tap'
import impersonate, { memoryUsers } from '../../dist/index.js'
import type { RouteImpersonation, RouteMode } from '../../dist/lib/types/index.js'
import { browser, build, people, type BuildOptions } from '../kit/build.js'

const config = (impersonation: RouteMode | RouteImpersonation) => ({ config: { impersonation } })

/** sam runs as carl in an application with a route of each mode. */
async function running (t: Test, options: BuildOptions = {}) {
  const ran: string[] = []
  const app = await build(t, {
    ...options,
    after: app => {
      for (const mode of ['deny', 'real-user', 'allow'] as const) {
        app.route({
          method: ['GET', 'POST'],
          url: `/${mode}/:id`,
          ...config(mode),
          handler: async request => {
            ran.push(`${request.method} ${mode}`)
            return { user: request.user?.id, impersonation: request.impersonation }
          }
        })
      }
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  return { app, sam, ran }
}

t.test('deny: 403 while impersonating, and the handler is not run', async t => {
  const { sam, ran } = await running(t)
  for (const url of ['/deny/1', '/%64eny/1', '/deny/1?x=/impersonate/']) {
    t.match((await sam.getJson(url)).json(), { statusCode: 403, code: 'FST_IMPERSONATE_ROUTE_DENIED' }, url)
    t.equal((await sam.postJson(url)).statusCode, 403)
  }
  t.same(ran, [])
  await sam.postJson('/impersonate/stop/')
  t.match((await sam.getJson('/deny/1')).json(), { user: 2 })
})

t.test('deny goes before read-only, and over before deny', async t => {
  const everyone = people()
  const { sam } = await running(t, { readOnly: true, people: everyone })
  t.equal((await sam.postJson('/deny/1')).json().code, 'FST_IMPERSONATE_ROUTE_DENIED')
  everyone.splice(2, 1)
  t.equal((await sam.postJson('/deny/1')).json().code, 'FST_IMPERSONATE_ENDED')
})

t.test('real-user: excluded, so no row is read and nothing ends', async t => {
  const everyone = people()
  const { sam } = await running(t, { readOnly: true, people: everyone })
  t.same((await sam.postJson('/real-user/1')).json(), { user: 2, impersonation: null }, 'nor is it read-only')
  everyone.splice(2, 1)
  t.same((await sam.getJson('/real-user/1')).json(), { user: 2, impersonation: null })
  t.equal((await sam.getJson('/real-user/1')).headers['cache-control'], undefined)
  t.match((await sam.getJson('/who')).json(), { endReason: 'target_deleted' })
})

t.test('allow: runs also under readOnly', async t => {
  const { sam } = await running(t, { readOnly: true })
  t.match((await sam.postJson('/allow/1')).json(), { user: 3, impersonation: { readOnly: true } })
  t.equal((await sam.postJson('/who')).statusCode, 405)
  t.equal((await sam.send({ method: 'GET', url: '/allow/1', headers: { connection: 'upgrade', upgrade: 'websocket' } })).statusCode, 200)
})

t.test('an application\'s error handler gets the coded error', async t => {
  const { sam } = await running(t, { before: app => { app.setErrorHandler(async (error, request, reply) => await reply.code(418).send({ mine: Reflect.get(Object(error), 'code') })) } })
  const answer = await sam.getJson('/deny/1')
  t.equal(answer.statusCode, 418)
  t.same(answer.json(), { mine: 'FST_IMPERSONATE_ROUTE_DENIED' })
})

for (const impersonation of ['denied', 'DENY', null, 7, [], {}, { mode: 'no' }, { keepAlive: 'no' }, { mode: 'deny', more: 1 }, { mode: null }] as unknown[] as RouteMode[]) {
  const isRight = JSON.stringify(impersonation) === '{}'
  t.test(`${JSON.stringify(impersonation)} ${isRight ? 'passes' : 'fails at start-up and names the route'}`, async t => {
    const app = await build(t, { after: app => { app.get('/reports/:id', config(impersonation), async () => 'ran') } })
    if (isRight) await t.resolves(async () => { await app.ready() })
    else await t.rejects(async () => { await app.ready() }, { code: 'FST_IMPERSONATE_INVALID_OPTION', message: /GET \/reports\/:id takes 'deny'/ })
  })
}

t.test('a config that a later hook makes wrong fails at start-up too', async t => {
  const app = await build(t, {
    after: app => {
      app.addHook('onRoute', route => { if (route.url === '/late') route.config = { impersonation: 'never' as RouteMode } })
      app.get('/late', async () => 'ran')
    }
  })
  await t.rejects(async () => { await app.ready() }, { code: 'FST_IMPERSONATE_INVALID_OPTION' })
})

t.test('a route declared before the plugin has its mode, and is denied where that is wrong', async t => {
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } } })
  t.teardown(async () => { await app.close() })
  app.get('/early', config('real-user'), async ({ user }) => ({ user: user?.id }))
  app.get('/wrong', config('no' as RouteMode), async ({ user }) => ({ user: user?.id }))
  await app.register(cookie)
  await app.register(impersonate, { users: memoryUsers(people()), getRealUser: () => people()[1], databaseUrl: `file:${t.testdir()}/log.db` })
  const started = await app.inject({ method: 'POST', url: '/impersonate/3/' })
  const headers = { cookie: `impersonation=${started.cookies[0]?.value}` }
  t.same((await app.inject({ url: '/early', headers })).json(), { user: 2 })
  t.equal((await app.inject({ url: '/wrong', headers })).statusCode, 403)
  t.match(lines.join(), /GET \/wrong takes 'deny'/)
  t.same((await app.inject({ url: '/wrong' })).json(), { user: 2 })
})
