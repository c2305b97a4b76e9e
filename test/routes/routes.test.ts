import formbody from '@fastify/formbody'
import view from '@fastify/view'
import { Eta } from 'eta'
import type { FastifyInstance, FastifyServerOptions, RouteOptions } from 'fastify'
import Fastify from 'fastify'
import cookie from '@fastify/cookie'
import t, { type Test } from 'tap'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { readOptions } from '../../dist/lib/options/read.js'
import { createViews } from '../../dist/lib/views/views.js'
import { browser, build, people, type BuildOptions } from '../kit/build.js'

const html = { accept: 'text/html' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

async function open (t: Test, options: BuildOptions = {}, id = 2) {
  const app = await build(t, options)
  const someone = browser(app)
  await someone.signIn(id)
  return { app, someone }
}

/** The plugin's and all later routes, as they are declared. */
function collectRoutes (into: RouteOptions[]) {
  return (app: FastifyInstance) => app.addHook('onRoute', route => { into.push(route) })
}

const GETS = ['/impersonate', '/impersonate/list', '/impersonate/search', '/impersonate/log', '/impersonate/status', '/impersonate/3', '/impersonate/stop']

t.test('every page is there with and without the trailing slash', async t => {
  const { someone: ada } = await open(t, {}, 1)
  for (const url of GETS) {
    const [plain, slashed] = [await ada.get(url, html), await ada.get(`${url}/`, html)]
    t.equal(plain.statusCode, url === '/impersonate' ? 302 : 200, url)
    t.equal(slashed.statusCode, plain.statusCode, url)
    t.equal(slashed.body, plain.body, url)
  }
  t.equal((await ada.get('/impersonate')).headers.location, '/impersonate/search/')
})

for (const [what, server] of Object.entries<FastifyServerOptions>({
  'set at the top': { ignoreTrailingSlash: true },
  'set in routerOptions': { routerOptions: { ignoreTrailingSlash: true } }
})) {
  t.test(`an application that ignores trailing slashes, ${what}, has all pages`, async t => {
    const { someone: ada } = await open(t, { server }, 1)
    for (const url of GETS) {
      t.equal((await ada.get(`${url}/`, html)).statusCode, url === '/impersonate' ? 302 : 200, url)
    }
    t.equal((await ada.postJson('/impersonate/3/')).statusCode, 201)
    t.equal((await ada.postJson('/impersonate/stop')).statusCode, 200)
  })
}

t.test('where the case of addresses does not matter, a reserved name is none of a user in any case', async t => {
  const { someone: sam } = await open(t, { server: { routerOptions: { caseSensitive: false } } })
  t.equal((await sam.getJson('/IMPERSONATE/List/')).statusCode, 200)
  t.equal((await sam.postJson('/impersonate/LIST/')).statusCode, 405)
})

for (const [page, allow] of [['list', 'GET'], ['search', 'GET'], ['status', 'GET'], ['stop', 'GET, POST'], ['log', 'GET, POST'], ['sessions', 'GET']]) {
  t.test(`${page} is no user id, whatever the method`, async t => {
    const { someone: ada } = await open(t, {}, 1)
    for (const method of (['POST', 'PUT', 'PATCH', 'DELETE'] as const).filter(method => !String(allow).includes(method))) {
      const response = await ada.send({ method, url: `/impersonate/${page}/`, headers: { accept: 'application/json' } })
      t.equal(response.statusCode, 405, method)
      t.equal(response.headers.allow, allow)
      t.equal(response.json().code, 'FST_IMPERSONATE_METHOD_NOT_ALLOWED')
    }
  })
}

t.test('the reserved name without a page is not found', async t => {
  const { someone: ada } = await open(t, {}, 1)
  for (const method of ['GET', 'POST', 'DELETE'] as const) t.equal((await ada.send({ method, url: '/impersonate/-/' })).statusCode, 404)
})

t.test('without a log its pages are not found', async t => {
  const { someone: ada } = await open(t, { disableLogging: true }, 1)
  for (const url of ['/impersonate/log', '/impersonate/log/', '/impersonate/log/1/', '/impersonate/sessions/']) t.equal((await ada.get(url)).statusCode, 404)
  for (const url of ['/impersonate/log/', '/impersonate/sessions/', '/impersonate/sessions/end/', '/impersonate/sessions/1/end/']) {
    t.equal((await ada.postJson(url, { all: true })).statusCode, 404, url)
  }
  t.equal((await ada.postJson('/impersonate/3/')).statusCode, 201)
})

for (const prefix of ['as', '/as', '/as/', '/as/user//']) {
  t.test(`the prefix ${prefix} holds with and without slashes`, async t => {
    const { app, someone: sam } = await open(t, { prefix })
    const base = prefix.includes('user') ? '/as/user' : '/as'
    t.equal(app.impersonate.url('list'), `${base}/list/`)
    const { body } = await sam.get(`${base}/list/`, html)
    t.match(body, `action="${base}/3/"`)
    t.equal((await sam.post(`${base}/3/`)).statusCode, 302)
    t.equal((await sam.post(`${base}/stop`)).statusCode, 302)
  })
}

t.test('in a scope with a prefix the addresses have both', async t => {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(async scope => {
    await scope.register(cookie)
    await scope.register(impersonate, { users: memoryUsers(people()), getRealUser: () => people()[1], databaseUrl: `file:${t.testdir()}/log.db`, cookie: { path: '/' } })
    scope.get('/who', async request => ({ user: request.user?.id }))
    scope.get('/url', async () => scope.impersonate.url('stop'))
  }, { prefix: '/app' })
  const sam = browser(app)
  t.equal((await sam.get('/app/url')).body, '/app/impersonate/stop/')
  const page = (await sam.get('/app/impersonate/list/', html)).body
  t.match(page, 'action="/app/impersonate/3/"')
  const [, stylesheet = ''] = /href="([^"]+\.css)"/.exec(page) ?? []
  t.equal((await sam.get(stylesheet)).statusCode, 200)
  await sam.post('/app/impersonate/3/')
  t.equal((await sam.get('/app/who')).json().user, 3)
})

t.test('pages are kept out of frames and caches', async t => {
  const { someone: sam } = await open(t)
  for (const response of [
    await sam.get('/impersonate/list/', html), await sam.getJson('/impersonate/status/'), await sam.get('/impersonate/99/'),
    await sam.getJson('/impersonate/list/?page=no'), await sam.post('/impersonate/list/'), await sam.post('/impersonate/stop/')
  ]) {
    t.match(response.headers, {
      'content-security-policy': "frame-ancestors 'none'", 'x-frame-options': 'DENY', 'referrer-policy': 'same-origin', 'cache-control': /no-store/, 'x-content-type-options': 'nosniff'
    })
  }
})

t.test('a policy and caching that the application sets for everything do not weaken the pages', async t => {
  const { someone: sam } = await open(t, {
    before: app => app.addHook('onRequest', async (request, reply) => {
      reply.header('content-security-policy', "default-src 'self';frame-ancestors 'self'").header('x-frame-options', 'SAMEORIGIN').header('cache-control', 'public, max-age=60')
    })
  })
  const { headers } = await sam.get('/impersonate/list/', html)
  t.equal(headers['content-security-policy'], "default-src 'self';frame-ancestors 'self', frame-ancestors 'none'")
  t.equal(headers['x-frame-options'], 'DENY')
  t.equal(headers['cache-control'], 'no-store')
})

t.test('the stylesheet is public and immutable', async t => {
  const { app, someone: sam } = await open(t)
  const [, stylesheet = ''] = /href="([^"]+\.css)"/.exec((await sam.get('/impersonate/list/', html)).body) ?? []
  const { statusCode, headers } = await app.inject(stylesheet)
  t.equal(statusCode, 200)
  t.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
  t.match(headers['content-type'], 'text/css')
})

for (const [what, options] of [
  ['another Eta', { engine: { eta: new Eta() }, templates: import.meta.dirname }],
  ['another engine', { engine: { handlebars: { compile: () => () => 'theirs' } }, root: import.meta.dirname }]
] as const) {
  for (const when of ['before', 'after'] as const) {
    t.test(`an application may have a @fastify/view of its own: ${what}, ${when}`, async t => {
      const { app, someone: sam } = await open(t, {
        [when]: async (app: FastifyInstance) => {
          await app.register(view, options as never)
          app.get('/locals', async (request, reply) => ({ isImpersonate: Reflect.get(reply, 'locals').impersonate?.impersonation !== null }))
        }
      })
      t.match((await sam.get('/impersonate/list/', html)).body, 'Impersonate a user')
      t.type(Reflect.get(app, 'view'), 'function')
      await sam.post('/impersonate/3/')
      t.strictSame((await sam.get('/locals')).json(), { isImpersonate: true })
    })
  }
}

for (const when of ['before', 'after'] as const) {
  t.test(`an application may have parsers of its own, ${when}`, async t => {
    const { someone: sam } = await open(t, {
      async [when] (app: FastifyInstance) {
        await app.register(formbody, { parser: () => ({ theirs: true }) })
        app.removeContentTypeParser('text/plain')
        app.addContentTypeParser('text/plain', async () => { throw new Error('never for our pages') })
        app.addContentTypeParser('*', (request, payload, done) => { done(null, { theirs: true }) })
        app.post('/echo', async request => request.body)
      }
    })
    const started = await sam.send({ method: 'POST', url: '/impersonate/3/', payload: 'next=/orders', headers: form })
    t.equal(started.headers.location, '/orders')
    t.strictSame((await sam.send({ method: 'POST', url: '/echo', payload: 'a=1', headers: form })).json(), { theirs: true })
    const stopped = await sam.send({ method: 'POST', url: '/impersonate/stop/', payload: 'x', headers: { 'content-type': 'text/plain' } })
    t.equal(stopped.statusCode, 302)
    t.equal((await sam.send({ method: 'POST', url: '/impersonate/3/', payload: 'x', headers: { 'content-type': 'text/plain' } })).statusCode, 415)
  })
}

t.test('an application\'s validators, serializers and error handlers are not those of the pages', async t => {
  const { someone: sam } = await open(t, {
    before (app) {
      app.setValidatorCompiler(() => { throw new Error('only their schemas') })
      app.setSerializerCompiler(() => { throw new Error('only their schemas') })
      app.setErrorHandler(async (_error, _request, reply) => await reply.code(418).send('theirs'))
    }
  })
  t.equal((await sam.getJson('/impersonate/list/')).statusCode, 200)
  t.equal((await sam.getJson('/impersonate/list/?page=no')).statusCode, 400)
})

t.test('templates of an own folder replace the bundled ones, file by file', async t => {
  const views = t.testdir({ 'users.eta': '<p>own users: <%= it.users.length %></p>', 'search.eta': '<p>own search</p><%~ include("./users.eta", it) %>' })
  const { someone: sam } = await open(t, { views, databaseUrl: `file:${views}/log.db` })
  t.match((await sam.get('/impersonate/list/', html)).body, /<!doctype html>[^]*own users: 6/)
  t.equal((await sam.get('/impersonate/search/', html)).body, '<p>own search</p><p>own users: 6</p>')
})

t.test('a broken template of one\'s own is a 500, with the cause in the server\'s log', async t => {
  const lines: string[] = []
  const views = t.testdir({ 'list.eta': '<%= it.nobody.secret %>', 'search.eta': '<% if ( %>' })
  const { someone: sam } = await open(t, {
    views, databaseUrl: `file:${views}/log.db`, server: { logger: { level: 'error', stream: { write (line: string) { lines.push(line) } } } }
  })
  for (const url of ['/impersonate/list/', '/impersonate/search/']) {
    const response = await sam.get(url, html)
    t.equal(response.statusCode, 500, url)
    t.match(response.body, 'Something went wrong')
    t.notMatch(response.body, 'secret')
  }
  t.match(lines.join(''), 'list.eta')
})

t.test('a broken layout of one\'s own is a 500 too', async t => {
  const views = t.testdir({ 'layout.eta': '<%= it.nobody.secret %>' })
  const { someone: sam } = await open(t, { views, databaseUrl: `file:${views}/log.db` })
  const response = await sam.get('/impersonate/list/', html)
  t.equal(response.statusCode, 500)
  t.notMatch(response.body, '<main>')
})

t.test('nothing is rendered before the views are registered', async t => {
  const views = createViews(readOptions({ users: memoryUsers(people()) }))
  await t.rejects(views.render('list', {}), TypeError)
})

t.test('routes carry their name, for hooks of the application', async t => {
  const routes: RouteOptions[] = []
  await build(t, { before: collectRoutes(routes) })
  const own = routes.filter(route => route.url.startsWith('/impersonate'))
  const nameOf = (method: string, url: string) => own.find(route => route.url === url && [route.method].flat().includes(method))?.config?.impersonateRoute
  t.ok(own.every(route => route.config?.impersonateRoute !== undefined))
  t.equal(nameOf('POST', '/impersonate/:userId/'), 'start')
  t.equal(nameOf('POST', '/impersonate/-/start/'), 'start')
  t.equal(nameOf('POST', '/impersonate/stop'), 'stop')
  t.equal(nameOf('GET', '/impersonate/list'), 'list')
  t.equal(nameOf('GET', '/impersonate/search/'), 'search')
  t.equal(nameOf('GET', '/impersonate/status/'), 'status')
  t.equal(nameOf('DELETE', '/impersonate/list/'), 'reserved')
})

t.test('hideRoutes leaves all of them out of the OpenAPI document', async t => {
  for (const hideRoutes of [false, true]) {
    const routes: RouteOptions[] = []
    await build(t, { hideRoutes, before: collectRoutes(routes) })
    const own = routes.filter(route => route.url.startsWith('/impersonate') && route.method !== 'HEAD')
    const isShown = (url: string) => Reflect.get(Object(own.find(route => route.url === url)?.schema), 'hide') === false
    t.equal(isShown('/impersonate/list/'), !hideRoutes)
    t.equal(isShown('/impersonate/list'), false)
    t.equal(own.some(route => isShown(route.url)), !hideRoutes)
  }
})

t.test('logLevel passes to the routes', async t => {
  const routes: RouteOptions[] = []
  await build(t, { before: collectRoutes(routes), logLevel: 'silent' } as BuildOptions)
  for (const route of routes.filter(route => route.url.startsWith('/impersonate'))) t.equal(route.logLevel, 'silent', route.url)
})

t.test('pages other than stop and status lead people who impersonate to redirectUrl', async t => {
  const { someone: sam } = await open(t, { redirectUrl: '/home' })
  await sam.post('/impersonate/3/')
  for (const url of ['/impersonate/list/', '/impersonate/search/', '/impersonate/log/', '/impersonate/4/', '/impersonate/']) {
    t.equal((await sam.get(url, html)).headers.location, '/home')
    t.equal((await sam.getJson(url)).json().code, 'FST_IMPERSONATE_ALREADY_ACTIVE')
  }
  t.equal((await sam.getJson('/impersonate/status/')).statusCode, 200)
})
