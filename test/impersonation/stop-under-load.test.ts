import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { browser, build, type BuildOptions } from '../kit/build.js'

let isHealthy = true

/** A load shedder, and what it answers once it sheds. */
const shedders: Array<[string, (app: FastifyInstance) => Promise<unknown>, number]> = [
  ['a failing health check of @fastify/under-pressure', async app => {
    await app.register(underPressure, { healthCheck: async () => isHealthy, healthCheckInterval: 5 })
  }, 503],
  ['a limit of @fastify/rate-limit', async app => {
    await app.register(rateLimit, { max: () => isHealthy ? 1000 : 0, timeWindow: '1 minute' })
  }, 429],
  ['a limit of @fastify/rate-limit for all routes together', async app => {
    await app.register(rateLimit, { max: () => isHealthy ? 1000 : 0, timeWindow: '1 minute', hook: 'preHandler', keyGenerator: () => 'all' })
  }, 429]
]
const orders: Array<[string, (register: (app: FastifyInstance) => Promise<unknown>) => BuildOptions]> = [
  ['before', before => ({ before })], ['after', after => ({ after })]
]

for (const [what, register, shed] of shedders) {
  for (const [order, options] of orders) {
    for (const method of ['POST', 'GET'] as const) {
      t.test(`a stop by ${method} works under ${what}, registered ${order} the plugin`, async t => {
        isHealthy = true
        const app = await build(t, options(async app => {
          await register(app)
          app.get('/busy', async () => 'at work')
        }))
        const sam = browser(app)
        await sam.signIn(2)
        await sam.postJson('/impersonate/3/')
        t.equal((await sam.getJson('/who')).json().user, 3)
        isHealthy = false
        await new Promise(resolve => setTimeout(resolve, 50))
        const busy = await sam.get('/busy')
        t.equal(busy.statusCode, shed)
        t.not(busy.body, 'at work')

        t.equal((await sam.get('/impersonate/stop/', { accept: 'text/html' })).statusCode, 200, 'the page that asks')
        const { statusCode } = method === 'POST' ? await sam.post('/impersonate/stop') : await sam.click('/impersonate/stop/')
        t.equal(statusCode, 302)
        t.notOk(sam.jar.has('impersonation'))
        isHealthy = true
        await new Promise(resolve => setTimeout(resolve, 50))
        t.equal((await sam.getJson('/who')).json().impersonator, null)
      })
    }
  }
}
