import view from '@fastify/view'
import handlebars from 'handlebars'
import { Liquid } from 'liquidjs'
import t from 'tap'
import { browser, build } from '../kit/build.js'

const TEXT = '{{impersonate.user.username}} {{impersonate.impersonator.username}} {{impersonate.realUser.username}} {{impersonate.impersonation.id}} {{impersonate.field}}'

const engines: Record<string, [object, string]> = { Handlebars: [{ handlebars }, 'page.hbs'], LiquidJS: [{ liquid: new Liquid() }, 'page.liquid'] }
for (const [name, [engine, page]] of Object.entries(engines)) {
  t.test(`${name} sees impersonate, and nothing of the request`, async t => {
    const root = t.testdir({ [page]: TEXT })
    const app = await build(t, {
      databaseUrl: `file:${t.testdirName}-${name}.db`,
      before: async app => { await app.register(view, { engine, root } as Parameters<typeof view>[1]) },
      after: app => {
        app.get('/page', async (request, reply) => await Reflect.get(reply, 'view').call(reply, page))
        app.get('/keys', async (request, reply) => ({ keys: Object.keys(Reflect.get(reply, 'locals').impersonate), isThere: 'field' in request }))
      }
    })
    const sam = browser(app)
    await sam.signIn(2)
    t.equal((await sam.get('/page')).body, 'sam  sam  none')
    const { impersonation: { id } } = (await sam.postJson('/impersonate/3/')).json()
    t.equal((await sam.get('/page')).body, `carl sam sam ${id} ${id}`)
    t.same((await sam.get('/keys')).json(), { keys: ['user', 'impersonator', 'realUser', 'impersonation', 'field'], isThere: false })
  })
}
