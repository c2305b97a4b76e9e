import type { FastifyReply, FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import type { User } from '../dist/lib/types/index.js'
import { browser, build, people, type BuildOptions } from './kit/build.js'

const html = { accept: 'text/html' }

/** An application that uses all of `fastify.impersonate` in routes of its own. */
async function open (t: Test, options: BuildOptions = {}, id = 2) {
  const everyone = people()
  const find = (wanted: string): User => Object(everyone.find(user => String(user.id) === wanted))
  const app = await build(t, {
    ...options,
    people: everyone,
    after (app) {
      const start = async (request: FastifyRequest, reply: FastifyReply) => await app.impersonate.start(request, reply, String(Reflect.get(Object(request.params), 'id')))
      app.post('/own/:id', start)
      app.post('/admin/own/:id', start)
      const stop = async (request: FastifyRequest, reply: FastifyReply) => await app.impersonate.stop(request, reply)
      app.post('/own/stop', stop)
      app.post('/admin/own/stop', stop)
      app.get('/allowed', async request => await app.impersonate.isAllowed(request))
      app.get<{ Params: { id: string } }>('/allowed/:id', async request => await app.impersonate.isAllowedFor(request, find(request.params.id)))
      app.get<{ Params: { id: string }, Querystring: object }>('/link/:id', async (request, reply) =>
        await reply.type('text/html').send(await app.impersonate.link(request, find(request.params.id), request.query as object)))
    }
  })
  const someone = browser(app)
  await someone.signIn(id)
  return { app, someone, everyone }
}

t.test('url gives the addresses of the plugin\'s routes', async t => {
  const app = await build(t, { prefix: '/as/' })
  for (const name of ['stop', 'list', 'search', 'log', 'sessions', 'status'] as const) t.equal(app.impersonate.url(name), `/as/${name}/`)
  t.equal(app.impersonate.url('start', { userId: 3n }), '/as/3/')
  t.equal(app.impersonate.url('start', { userId: 'a/b' }), '/as/a%2Fb/')
  t.equal(app.impersonate.url('start', { userId: 'list' }), '/as/-/start/')
})

t.test('the address of a start needs a user', async t => {
  const app = await build(t)
  t.throws(() => app.impersonate.url('start'), TypeError)
  t.throws(() => app.impersonate.url('start', {}), TypeError)
  t.throws(() => app.impersonate.url('start', { userId: '' }), TypeError)
  t.throws(() => app.impersonate.url('start', { userId: null as never }), TypeError)
})

t.test('isAllowed is for those who may start, and false while impersonating', async t => {
  const { app, someone: sam } = await open(t)
  t.equal((await sam.get('/allowed')).body, 'true')
  await sam.post('/impersonate/3/')
  t.equal((await sam.get('/allowed')).body, 'false')
  const carl = browser(app)
  t.equal((await carl.get('/allowed')).body, 'false')
  await carl.signIn(3)
  t.equal((await carl.get('/allowed')).body, 'false')
})

t.test('isAllowedFor also looks at the user', async t => {
  const { app, someone: sam } = await open(t, { customUserQueryset: () => (user: User) => user.id !== 4 })
  const answers = await Promise.all([1, 2, 3, 4, 5].map(async id => (await sam.get(`/allowed/${id}`)).body))
  t.strictSame(answers, ['false', 'false', 'true', 'false', 'false'])
  t.equal((await browser(app).get('/allowed/3')).body, 'false')
  const carl = browser(app)
  await carl.signIn(3)
  t.equal((await carl.get('/allowed/4')).body, 'false')
})

t.test('without a scope everybody is in it', async t => {
  const { someone: sam } = await open(t)
  t.equal((await sam.get('/allowed/4')).body, 'true')
})

t.test('start starts from a route of the application', async t => {
  const { someone: sam } = await open(t)
  const response = await sam.post('/own/3')
  t.equal(response.statusCode, 200)
  t.match(response.json(), { user: { id: 3 }, impersonator: { id: 2 }, impersonation: { reason: null } })
  t.equal((await sam.get('/who')).json().user, 3)
})

for (const [what, id, target, code, status] of [
  ['nobody', 0, 3, 'FST_IMPERSONATE_NOT_AUTHENTICATED', 401],
  ['a customer', 3, 4, 'FST_IMPERSONATE_FORBIDDEN', 403],
  ['staff, of a superuser', 2, 1, 'FST_IMPERSONATE_TARGET_NOT_FOUND', 404]
] as const) {
  t.test(`start by ${what} is ${code}`, async t => {
    const { someone } = await open(t, {}, id)
    const response = await someone.post(`/own/${target}`)
    t.equal(response.statusCode, status)
    t.equal(response.json().code, code)
  })
}

t.test('start while one runs is refused, also on an excluded path', async t => {
  const { someone: sam } = await open(t)
  await sam.post('/own/3')
  for (const url of ['/own/4', '/admin/own/4']) {
    const response = await sam.post(url)
    t.equal(response.statusCode, 409)
    t.equal(response.json().code, 'FST_IMPERSONATE_ALREADY_ACTIVE')
  }
  t.equal((await sam.get('/who')).json().user, 3)
})

t.test('on an excluded path, what is over does not stand in the way of a start', async t => {
  let time = Date.UTC(2026, 0, 1)
  const { app, someone: ada } = await open(t, { maxDuration: 60, now: () => time }, 1)
  await ada.post('/own/3')
  time += 61_000
  t.equal((await ada.post('/admin/own/4')).statusCode, 200)
  t.equal((await ada.get('/who')).json().user, 4)
  const other = browser(app)
  await other.signIn(6)
  const { logs } = (await other.getJson('/impersonate/log/')).json()
  t.equal(logs[1].endReason, 'expired')
})

t.test('on an excluded path, the key of somebody else does not stand in the way of a start', async t => {
  const { app, someone: sam } = await open(t)
  await sam.post('/own/3')
  const ada = browser(app)
  await ada.signIn(1)
  ada.jar.set('impersonation', String(sam.jar.get('impersonation')))
  t.equal((await ada.post('/admin/own/4')).statusCode, 200)
  t.equal((await ada.get('/who')).json().impersonator, 1)
})

t.test('on an excluded path, nobody with a key is asked to sign in', async t => {
  const { app, someone: sam } = await open(t)
  await sam.post('/own/3')
  const nobody = browser(app)
  nobody.jar.set('impersonation', String(sam.jar.get('impersonation')))
  t.equal((await nobody.post('/admin/own/4')).json().code, 'FST_IMPERSONATE_NOT_AUTHENTICATED')
})

t.test('stop stops from a route of the application, also on an excluded path', async t => {
  for (const url of ['/own/stop', '/admin/own/stop']) {
    const { someone: sam } = await open(t)
    await sam.post('/impersonate/3/')
    const response = await sam.post(url)
    t.equal(response.statusCode, 200)
    t.match(response.json(), { user: { id: 2 }, returnTo: null })
    t.equal((await sam.get('/who')).json().user, 2)
  }
})

t.test('stop where nobody is and nothing runs returns nobody', async t => {
  const { someone } = await open(t, {}, 0)
  t.strictSame((await someone.post('/own/stop')).json(), { user: null, returnTo: null })
})

t.test('link is a small form, escaped, for a user who may be impersonated', async t => {
  const { someone: sam } = await open(t)
  const { body } = await sam.get('/link/3', html)
  t.equal(body.trim(), '<form method="post" action="/impersonate/3/"><input type="hidden" name="_impersonation" value="none"><button type="submit" aria-label="Impersonate: Carl O&#39;Brien">Impersonate</button></form>')
})

t.test('link opens a new window, goes on, and has a text where asked to', async t => {
  const { someone: sam } = await open(t)
  const { body } = await sam.get('/link/3?openNewWindow=1&next=/orders&text=%3Cb%3E')
  t.match(body, 'target="_blank" rel="noopener"')
  t.match(body, '<input type="hidden" name="next" value="/orders">')
  t.match(body, '>&lt;b&gt;</button>')
  t.notMatch((await sam.get('/link/3?next=//evil.example')).body, 'evil')
})

t.test('link is empty for who may not be impersonated', async t => {
  const { someone: sam } = await open(t)
  for (const id of [1, 2, 5]) t.equal((await sam.get(`/link/${id}`)).body, '')
  await sam.post('/impersonate/3/')
  t.equal((await sam.get('/link/4')).body, '')
})

t.test('hooks that are added run in order after those of the options', async t => {
  const ran: string[] = []
  const { app, someone: sam } = await open(t, { onSessionBegin () { ran.push('option') }, onSessionEnd () { ran.push('end option') } })
  app.impersonate.addHook('onSessionBegin', async () => { ran.push('first') })
  app.impersonate.addHook('onSessionBegin', () => { ran.push('second') })
  app.impersonate.addHook('onSessionEnd', () => { ran.push('end') })
  await sam.post('/impersonate/3/')
  await sam.post('/impersonate/stop/')
  t.strictSame(ran, ['option', 'first', 'second', 'end option', 'end'])
})

t.test('a hook of another name, or none, is refused', async t => {
  const app = await build(t)
  t.throws(() => { app.impersonate.addHook('onEnd' as never, () => {}) }, TypeError)
  t.throws(() => { app.impersonate.addHook('onSessionEnd', 'no' as never) }, TypeError)
})

t.test('the api cannot be changed', async t => {
  const app = await build(t)
  t.ok(Object.isFrozen(app.impersonate))
})
