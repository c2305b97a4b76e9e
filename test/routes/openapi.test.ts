import swagger from '@fastify/swagger'
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { JsonSchemaToTsProvider } from '@fastify/type-provider-json-schema-to-ts'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { RouteOptions } from 'fastify'
import t, { type Test } from 'tap'
import { Type } from 'typebox'
import { browser, build, type BuildOptions } from '../kit/build.js'

type Answers = Record<string, { description: string, content?: Record<string, object> }>
interface Document {
  paths: Record<string, Record<string, { tags: string[], summary: string, responses: Answers, requestBody?: { content: object } }>>
}

/** An application with an OpenAPI document, and what of the plugin's routes it has registered. */
async function documented (t: Test, options: BuildOptions = {}, openapi = '3.1.0') {
  const routes: RouteOptions[] = []
  const app = await build(t, {
    ...options,
    before: async app => {
      app.addHook('onRoute', route => { if (route.config?.impersonateRoute !== undefined) routes.push(route) })
      await app.register(swagger, { openapi: { openapi, info: { title: 'Application', version: '1.0.0' } } })
      await options.before?.(app)
    }
  })
  await app.ready()
  const document: Document = JSON.parse(JSON.stringify(app.swagger()))
  return { app, document, routes }
}

/** The document's words for an address: parameters in braces. */
const pathOf = (url: string) => url.replace(/:(\w+)/g, '{$1}')

for (const openapi of ['3.0.3', '3.1.0']) {
  t.test(`with @fastify/swagger there is a valid document in OpenAPI ${openapi}`, async t => {
    const { document } = await documented(t, { redirectFieldName: 'next' }, openapi)
    const result = await new Validator().validate({ ...document })
    t.equal(result.valid, true, JSON.stringify(result.errors))
  })
}

t.test('every route of the plugin is in the document once, with tag, summary and what each answer means', async t => {
  const { document, routes } = await documented(t)
  const expected = routes
    .filter(({ config, method, url }) => !['reserved', 'asset'].includes(String(config?.impersonateRoute)) && method !== 'HEAD' && url.endsWith('/') && url !== '/impersonate/')
    .map(({ method, url }) => `${String(method)} ${pathOf(url)}`)
  const operations = Object.entries(document.paths).filter(([path]) => path.startsWith('/impersonate'))
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, ...operation })))
  t.strictSame(operations.map(({ name }) => name).toSorted(), expected.toSorted())
  t.ok(expected.length > 12)
  for (const { name, tags, summary, responses, requestBody } of operations) {
    t.strictSame(tags, ['impersonate'], name)
    t.ok(summary.length > 5, name)
    t.ok(Object.keys(responses).some(status => status.startsWith('2')), name)
    for (const { description } of Object.values(responses)) t.not(description, 'Default Response', name)
    if (requestBody !== undefined) t.strictSame(Object.keys(requestBody.content), ['application/json', 'application/x-www-form-urlencoded'], name)
  }
})

t.test('what the routes answer is in the document, with its kind and the error\'s code', async t => {
  const { app, document } = await documented(t, { startByGet: false })
  const [sam, carl, ada, nobody] = [browser(app), browser(app), browser(app), browser(app)]
  for (const [who, id] of [[sam, 2], [carl, 3], [ada, 1]] as const) await who.signIn(id)
  let asked = 0

  async function expect (who: typeof sam, method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, path: string, status: number, headers: Record<string, string> = { accept: 'application/json' }, payload?: object) {
    const response = await who.send({ method, url: `/impersonate${url}`, headers, ...(payload === undefined ? {} : { payload }) })
    const name = `${method} ${path} ${status}`
    t.equal(response.statusCode, status, name)
    const answer = document.paths[`/impersonate${path}`]?.[method.toLowerCase()]?.responses[status]
    t.ok(answer, name)
    if (response.body !== '') t.ok(answer?.content?.[String(response.headers['content-type']).split(';')[0] ?? ''], `${name} as ${String(response.headers['content-type'])}`)
    if (status >= 400 && String(response.headers['content-type']).includes('json')) t.match(answer?.description, response.json().code, name)
    asked++
  }

  const html = { accept: 'text/html' }
  await expect(nobody, 'GET', '/list/', '/list/', 401)
  await expect(nobody, 'GET', '/list/', '/list/', 302, html)
  await expect(carl, 'GET', '/list/', '/list/', 403)
  await expect(sam, 'GET', '/list/', '/list/', 200)
  await expect(sam, 'GET', '/list/', '/list/', 200, html)
  await expect(sam, 'GET', '/list/?page=0', '/list/', 400)
  await expect(sam, 'GET', '/search/?q=carl', '/search/', 200)
  await expect(sam, 'GET', '/3/', '/{userId}/', 200, html)
  await expect(sam, 'POST', '/99/', '/{userId}/', 404)
  await expect(sam, 'POST', '/99/', '/{userId}/', 404, html)
  await expect(sam, 'POST', '/3/', '/{userId}/', 403, { accept: 'application/json', 'sec-fetch-site': 'cross-site' })
  await expect(sam, 'POST', '/3/', '/{userId}/', 201)
  await expect(sam, 'POST', '/4/', '/{userId}/', 409)
  await expect(sam, 'GET', '/status/', '/status/', 200)
  await expect(sam, 'GET', '/stop/', '/stop/', 200, html)
  await expect(sam, 'POST', '/stop/', '/stop/', 200)
  await expect(sam, 'POST', '/stop/', '/stop/', 302, html)
  await expect(ada, 'GET', '/log/', '/log/', 200)
  await expect(ada, 'GET', '/log/none/', '/log/{id}/', 404)
  await expect(ada, 'GET', '/sessions/', '/sessions/', 200)
  await expect(ada, 'GET', '/sessions/', '/sessions/', 200, html)
  await expect(ada, 'DELETE', '/sessions/none/', '/sessions/{id}/', 404)
  await expect(ada, 'POST', '/sessions/end/', '/sessions/end/', 200, { accept: 'application/json' }, { all: true })
  await expect(ada, 'POST', '/sessions/end/', '/sessions/end/', 409, { accept: 'application/json', 'x-impersonation': 'another' }, { all: true })
  await expect(ada, 'POST', '/log/', '/log/', 405, { accept: 'application/json' }, { impersonatorId: '1', impersonatingId: '3', sessionStartedAt: '2026-01-01', sessionEndedAt: '2026-01-02' })
  await expect(ada, 'DELETE', '/log/none/', '/log/{id}/', 405)
  t.equal(asked, 26)
})

t.test('hideRoutes leaves them out', async t => {
  const { document } = await documented(t, { hideRoutes: true })
  t.strictSame(Object.keys(document.paths).filter(path => path.startsWith('/impersonate')), [])
  t.ok(document.paths['/who'])
})

t.test('TypeBox and its validator keep working beside the plugin, and the plugin beside them', async t => {
  const { app } = await documented(t, {
    before: app => { app.setValidatorCompiler(TypeBoxValidatorCompiler) },
    after: app => {
      app.withTypeProvider<TypeBoxTypeProvider>().get('/add', {
        schema: { querystring: Type.Object({ a: Type.Number(), b: Type.Number() }), response: { 200: Type.Object({ sum: Type.Number(), as: Type.String() }) } }
      }, async ({ query: { a, b }, user }) => ({ sum: a + b, as: String(user?.id) }))
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.getJson('/impersonate/list/?page=x')).statusCode, 400)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  t.strictSame((await sam.getJson('/add?a=1&b=2')).json(), { sum: 3, as: '3' })
  t.equal((await sam.getJson('/add?a=1')).statusCode, 400)
})

t.test('json-schema-to-ts keeps working beside the plugin', async t => {
  const { app } = await documented(t, {
    after: app => {
      app.withTypeProvider<JsonSchemaToTsProvider>().post('/greet', {
        schema: { body: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false } as const }
      }, async ({ body: { name }, user }) => ({ greeting: name.toUpperCase(), as: String(user?.id) }))
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  t.strictSame((await sam.postJson('/greet', { name: 'carl' })).json(), { greeting: 'CARL', as: '3' })
  t.equal((await sam.postJson('/greet', {})).statusCode, 400)
})
