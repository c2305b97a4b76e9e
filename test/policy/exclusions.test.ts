import t from 'tap'
import { browser, build, people, type BuildOptions } from '../kit/build.js'

for (const ignoreTrailingSlash of [true, false]) {
  t.test(`a slash at the end, where the router ${ignoreTrailingSlash ? 'ignores it' : 'does not ignore it'}`, async t => {
    const app = await build(t, {
      server: { routerOptions: { ignoreTrailingSlash } },
      uriExclusions: [/^admin\//, /^own$/],
      after: app => {
        for (const url of ['/admin', '/own/:id', '/own']) app.get(url, async request => ({ user: request.user?.id }))
        if (!ignoreTrailingSlash) app.get('/admin/', async request => ({ user: request.user?.id }))
        app.get('/admin/deny', { config: { impersonation: 'deny' } }, async () => 'ran')
      }
    })
    const sam = browser(app)
    await sam.signIn(2)
    await sam.postJson('/impersonate/3/')
    const at = async (url: string) => (await sam.getJson(url)).json().user
    t.equal(await at('/admin/'), 2)
    t.equal(await at('/admin'), ignoreTrailingSlash ? 2 : 3)
    t.equal(await at('/own'), 2)
    t.equal(await at('/own/1'), 3)
    if (ignoreTrailingSlash) t.equal(await at('/own/'), 2)
    for (const url of ignoreTrailingSlash ? ['/admin/deny', '/admin/deny/'] : ['/admin/deny']) t.equal((await sam.getJson(url)).statusCode, 403, url)
  })
}

t.test('an escaped slash is a slash to the handler of a wildcard, and to nobody else', async t => {
  const app = await build(t, {
    after: app => {
      app.get('/*', async request => ({ user: request.user?.id, rest: Reflect.get(Object(request.params), '*') }))
      app.get('/:name', async request => ({ user: request.user?.id }))
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  t.equal((await sam.getJson('/admin%2Fx')).json().user, 3, 'one name')
  for (const url of ['/admin%2Fx/y', '/admin%2fx/y', '/%61dmin%2fx/y', '/admin/x']) t.equal((await sam.getJson(url)).json().user, 2, url)
  t.equal((await sam.getJson('/admin%252Fx/y')).json().user, 3, 'it is decoded once')
})

const excluded: Record<string, BuildOptions> = { 'an excluded path': {}, 'an excluded pattern': { uriExclusions: [/^admin\/:name/] } }
for (const [what, options] of Object.entries(excluded)) {
  t.test(`deny holds on ${what} too, and there what is over is told`, async t => {
    const everyone = people()
    let ran = 0
    const app = await build(t, {
      ...options,
      people: everyone,
      after: app => {
        app.get('/admin/:name', { config: { impersonation: 'deny' } }, async request => {
          ran++
          return { user: request.user?.id }
        })
      }
    })
    const sam = browser(app)
    await sam.signIn(2)
    t.same((await sam.getJson('/admin/keys')).json(), { user: 2 })
    await sam.postJson('/impersonate/3/')
    t.match((await sam.getJson('/admin/keys')).json(), { statusCode: 403, code: 'FST_IMPERSONATE_ROUTE_DENIED' })
    everyone.splice(2, 1)
    t.match((await sam.getJson('/admin/keys')).json(), { statusCode: 409, code: 'FST_IMPERSONATE_ENDED', endReason: 'target_deleted' })
    t.equal(ran, 1)
  })
}
