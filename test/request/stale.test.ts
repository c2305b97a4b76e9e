import formbody from '@fastify/formbody'
import view from '@fastify/view'
import type { FastifyRequest } from 'fastify'
import { Eta } from 'eta'
import t, { type Test } from 'tap'
import { browser, build, type BuildOptions } from '../kit/build.js'

const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
const STALE = { statusCode: 409, code: 'FST_IMPERSONATE_STALE_PAGE' }

/** An application with a form whose schema knows no `_impersonation`, and sam in front of it. */
async function open (t: Test, { before, ...options }: BuildOptions = {}) {
  const bodies: unknown[] = []
  const app = await build(t, {
    ...options,
    before: async app => {
      await before?.(app)
      await app.register(formbody)
    },
    after: async app => {
      app.get('/field', async (request, reply) => ({ field: Reflect.get(Object(Reflect.get(reply, 'locals').impersonate), 'field') }))
      const schema = { body: { type: 'object', properties: { text: { type: 'string' } }, additionalProperties: { not: {} } } }
      for (const url of ['/notes', '/admin/notes']) {
        app.post(url, { schema }, async request => {
          bodies.push(request.body)
          return { user: request.user?.id ?? null }
        })
      }
      app.post('/any', async request => ({ body: request.body }))
      await options.after?.(app)
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  const field = async () => (await sam.getJson('/field')).json().field
  const post = async (state: string | null, url = '/notes') => (await sam.send({
    method: 'POST', url, headers: FORM, payload: state === null ? 'text=hello' : `text=hello&_impersonation=${state}`
  })).json()
  return { app, sam, field, post, bodies }
}

t.test('the field is the impersonation\'s id, none where the real user is shown', async t => {
  const { sam, field } = await open(t)
  t.equal(await field(), 'none')
  const { impersonation } = (await sam.postJson('/impersonate/3/')).json()
  t.equal(await field(), impersonation.id)
  await sam.postJson('/impersonate/stop/')
  t.equal(await field(), 'none')
})

for (const [order, before] of [['before', true], ['after', false]] as const) {
  t.test(`templates have it, with @fastify/view registered ${order} the plugin`, async t => {
    const register = async (app: Parameters<NonNullable<BuildOptions['before']>>[0]) => {
      await app.register(view, { engine: { eta: new Eta() }, root: t.testdir({ 'page.eta': '<input name="_impersonation" value="<%= it.impersonate.field %>">' }) })
    }
    const { sam } = await open(t, {
      databaseUrl: `file:${t.testdirName}-log.db`,
      ...before ? { before: register } : {},
      after: async app => {
        if (!before) await register(app)
        app.get('/page', async (request, reply) => await Reflect.get(reply, 'view').call(reply, 'page'))
      }
    })
    t.match((await sam.get('/page')).body, 'value="none"')
    const { impersonation } = (await sam.postJson('/impersonate/3/')).json()
    t.match((await sam.get('/page')).body, `value="${impersonation.id}"`)
  })
}

t.test('an application with a request.field of its own keeps it, and templates get ours', async t => {
  const { sam, field } = await open(t, { before: app => { app.decorateRequest('field', 'mine') }, after: app => { app.get('/mine', async request => ({ mine: Reflect.get(request, 'field') })) } })
  t.equal(await field(), 'none')
  t.same((await sam.getJson('/mine')).json(), { mine: 'mine' })
})

t.test('a child plugin, and a handler, may give requests a field of their own', async t => {
  const { sam } = await open(t, {
    after: async app => {
      app.get('/given', async request => {
        Reflect.set(request, 'field', 'given')
        return { field: Reflect.get(request, 'field') }
      })
      await app.register(async child => {
        child.decorateRequest('field', null)
        child.get('/child', async (request, reply) => ({ mine: Reflect.get(request, 'field'), ours: Reflect.get(Object(Reflect.get(reply, 'locals').impersonate), 'field') }))
      })
    }
  })
  t.same((await sam.getJson('/given')).json(), { field: 'given' })
  t.same((await sam.getJson('/child')).json(), { mine: null, ours: 'none' })
})

t.test('the field twice, by a layout and a form in it, is once; two that differ are refused', async t => {
  const { sam, field, post } = await open(t)
  await sam.postJson('/impersonate/3/')
  const id = await field()
  t.same(await post(`${id}&_impersonation=${id}`), { user: 3 })
  t.match(await post(`${id}&_impersonation=none`), STALE)
})

t.test('a body that another plugin makes in preValidation is looked at as well', async t => {
  const { sam, field } = await open(t, {
    after: app => {
      app.post('/late', {
        preValidation: async request => { request.body = { text: 'hello', _impersonation: Reflect.get(Object(request.query), 'state') } }
      }, async request => ({ body: request.body, user: request.user?.id }))
    }
  })
  await sam.postJson('/impersonate/3/')
  t.match((await sam.postJson('/late?state=none')).json(), STALE)
  t.same((await sam.postJson(`/late?state=${await field()}`)).json(), { body: { text: 'hello' }, user: 3 })
})

t.test('a form of the same state runs, and its schema and handler see no field', async t => {
  const { sam, post, field, bodies } = await open(t)
  t.same(await post(null), { user: 2 })
  t.same(await post('none'), { user: 2 })
  await sam.postJson('/impersonate/3/')
  t.same(await post(await field()), { user: 3 })
  t.same(bodies.map(body => ({ ...Object(body) })), [{ text: 'hello' }, { text: 'hello' }, { text: 'hello' }])
})

t.test('a form that was made as somebody else is 409, and not run', async t => {
  const { sam, post, field, bodies } = await open(t)
  await sam.postJson('/impersonate/3/')
  const first = await field()
  t.match(await post('none'), STALE, 'made before the start')
  await sam.postJson('/impersonate/stop/')
  t.match(await post(first), STALE, 'sent by the back button after a stop')
  await sam.postJson('/impersonate/4/')
  t.match(await post(first), STALE, 'made under another impersonation')
  for (const odd of ['', 'NONE', 'none&_impersonation=none', `${first}%00`, `${first}&_impersonation=none`]) t.match(await post(odd), STALE, odd)
  t.same(bodies, [])
  t.match(await post(null), { user: 4 }, 'an application that does not opt in gets what the cookie says')
})

t.test('the same in JSON, and in a multipart body\'s way', async t => {
  const { sam, field } = await open(t)
  await sam.postJson('/impersonate/3/')
  t.match((await sam.postJson('/any', { a: 1, _impersonation: 'none' })).json(), STALE)
  t.match((await sam.postJson('/any', { a: 1, _impersonation: { value: 'none' } })).json(), STALE)
  for (const odd of [{}, [], [[]], null, { value: null }, [null, null], 0, false]) {
    t.match((await sam.postJson('/any', { a: 1, _impersonation: odd })).json(), STALE, JSON.stringify(odd))
  }
  t.same((await sam.postJson('/any', { a: 1, _impersonation: { value: await field() } })).json(), { body: { a: 1 } })
  t.same((await sam.postJson('/any', [1])).json(), { body: [1] })
})

t.test('the header is compared before anything else runs', async t => {
  let hooks = 0
  const { sam, field } = await open(t, { after: app => { app.addHook('preParsing', async () => { hooks++ }) } })
  const send = async (state: string, url = '/who') => (await sam.get(url, { 'x-impersonation': state, accept: 'application/json' })).json()
  t.match(await send('none'), { user: 2 })
  await sam.postJson('/impersonate/3/')
  const id = await field()
  t.match(await send(id), { user: 3 })
  hooks = 0
  t.match(await send('none'), STALE)
  t.equal(hooks, 0)
  await sam.postJson('/impersonate/stop/')
  t.match(await send(id), STALE)
  await sam.signOut()
  t.match(await send(id), STALE)
  t.match(await send('none'), { user: null })
})

t.test('on excluded paths nothing is compared, and the field is taken out all the same', async t => {
  const { sam, post, bodies } = await open(t)
  await sam.postJson('/impersonate/3/')
  t.same(await post('whatever', '/admin/notes'), { user: 2 })
  t.same(bodies.map(body => ({ ...Object(body) })), [{ text: 'hello' }])
  t.match((await sam.get('/admin/who', { 'x-impersonation': 'whatever' })).json(), { user: 2 })
  await sam.postJson('/impersonate/stop/')
  t.match((await sam.get('/admin/who', { 'x-impersonation': 'whatever' })).json(), { user: 2 })
})

t.test('a form that a handler reads as a stream asks isStale, with the part or its value', async t => {
  const { sam, field } = await open(t, {
    after: app => {
      const stale = async (request: FastifyRequest) => {
        const value = Object(request.query).value
        const part = { type: 'field', fieldname: '_impersonation', value }
        return { value: app.impersonate.isStale(request, value), part: app.impersonate.isStale(request, part) }
      }
      app.get('/stale', stale)
      app.get('/admin/stale', stale)
      app.get('/real/stale', { config: { impersonation: 'real-user' } }, stale)
      app.get('/none', async request => app.impersonate.isStale(request, undefined))
      app.get('/odd', async request => [null, '', 0, {}, [], { value: null }].map(odd => app.impersonate.isStale(request, odd)))
    }
  })
  const stale = async (value: string, url = '/stale') => (await sam.getJson(`${url}?value=${value}`)).json()
  const [YES, NO] = [{ value: true, part: true }, { value: false, part: false }]
  t.same(await stale('none'), NO)
  t.same(await stale('other'), YES)
  await sam.postJson('/impersonate/3/')
  const first = await field()
  t.same(await stale(first), NO)
  t.same(await stale('none'), YES)
  for (const url of ['/admin/stale', '/real/stale']) t.same(await stale('none', url), NO, 'nothing is compared there')
  t.equal((await sam.getJson('/none')).json(), false, 'a form without the field has not opted in')
  t.same((await sam.getJson('/odd')).json(), Array(6).fill(true))
  await sam.postJson('/impersonate/stop/')
  t.same(await stale(first), YES)
})

t.test('a stop works from any page', async t => {
  const { sam, field } = await open(t)
  await sam.postJson('/impersonate/3/')
  const stop = async (headers: object, payload: object) => await sam.send({ method: 'POST', url: '/impersonate/stop/', headers: { accept: 'application/json', ...headers }, payload })
  t.equal((await stop({ 'x-impersonation': 'none' }, { _impersonation: 'none' })).statusCode, 200)
  t.equal(await field(), 'none')
  t.equal((await stop({ 'x-impersonation': 'gone' }, { _impersonation: 'gone' })).statusCode, 200)
})

t.test('the plugin\'s own forms carry the state', async t => {
  const { sam } = await open(t)
  t.match((await sam.get('/impersonate/list/', { accept: 'text/html' })).body, '<input type="hidden" name="_impersonation" value="none">')
  t.match((await sam.get('/impersonate/3/', { accept: 'text/html' })).body, '<input type="hidden" name="_impersonation" value="none">')
  const started = await sam.send({ method: 'POST', url: '/impersonate/3/', headers: FORM, payload: '_impersonation=none' })
  t.equal(started.statusCode, 201)
})

t.test('two tabs, a double click and the back button', async t => {
  const { sam } = await open(t)
  const click = async () => await sam.send({ method: 'POST', url: '/impersonate/3/', headers: { ...FORM, accept: 'text/html' }, payload: '_impersonation=none' })
  const [one, two] = await Promise.all([click(), click()])
  t.same([one.statusCode, two.statusCode], [302, 302])
  t.match((await sam.getJson('/who')).json(), { user: 3 })
  const again = await click()
  t.equal(again.statusCode, 302, 'the list in the other tab leads to the application')
  t.equal(again.headers.location, '/')
  t.match((await sam.getJson('/who')).json(), { user: 3 })
})
