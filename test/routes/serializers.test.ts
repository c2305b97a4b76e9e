import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { browser, build, type BuildOptions } from '../kit/build.js'

// Its types ask for a serializer in the config of every route there is: they are not let in.
const { default: acceptsSerializer } = await import(String('@fastify/accepts-serializer'))

const html = { accept: 'text/html' }
const json = { accept: 'application/json' }
const wrap = (value: unknown) => JSON.stringify({ wrapped: value })

/** All kinds of answers that the plugin gives, without what differs by chance. */
async function answers (t: Test, options: BuildOptions = {}) {
  const app = await build(t, { now: () => 1_767_225_600_000, ...options })
  const [ada, sam] = [browser(app), browser(app)]
  await ada.signIn(1)
  await sam.signIn(2)
  const found: Record<string, unknown> = {}
  async function ask (who: typeof ada, method: 'GET' | 'POST', url: string, headers: Record<string, string>, payload?: object) {
    const response = await who.send({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
    const body = response.body.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id')
    const { statusCode, headers: { 'content-type': type, location } } = response
    found[`${method} ${url} ${headers['accept']}`] = { statusCode, ...(body === '' ? {} : { type }), location, body }
    return response
  }

  for (const headers of [html, json]) {
    for (const url of ['search/?q=x onfocus=alert(1) "', 'list/', 'list/?page=x', 'status/', 'stop/', '3/', '99/', 'stop', 'nowhere/']) {
      await ask(sam, 'GET', `/impersonate/${encodeURI(url)}`, headers)
    }
    await ask(sam, 'POST', '/impersonate/list/', headers)
    await ask(sam, 'POST', '/impersonate/stop/', { ...headers, 'sec-fetch-site': 'cross-site' })
    const started = await ask(sam, 'POST', '/impersonate/3/', headers, { reason: 'a' })
    t.ok(started.statusCode < 400, started.body)
    await ask(ada, 'GET', '/impersonate/sessions/', headers)
    await ask(ada, 'POST', '/impersonate/sessions/end/', headers, { all: true })
    for (const at of ['/impersonate/status/', '/who', '/impersonate/list/']) await ask(sam, 'GET', at, { ...headers, 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' })
    await ask(sam, 'POST', '/impersonate/stop/', headers)
    t.notOk(sam.jar.has('impersonation'))
    for (const url of ['log/', 'log/id/', '-/log.csv', '-/log.jsonl']) await ask(ada, 'GET', `/impersonate/${url}`, headers)
  }
  const { body } = await ada.get('/impersonate/list/', html)
  for (const [, url = ''] of body.matchAll(/(?:href|src)="([^"]*\.(?:css|js))"/g)) await ask(ada, 'GET', url, { accept: '*/*' })
  return found
}

const set = (serialize: (value: unknown) => string) => ({
  onRequest: (app: FastifyInstance) => { app.addHook('onRequest', (request, reply, done) => { reply.serializer(serialize); done() }) },
  preHandler: (app: FastifyInstance) => { app.addHook('preHandler', (request, reply, done) => { reply.serializer(serialize); done() }) }
})
const yaml = { regex: /yaml/, serializer: () => 'yaml: true' }

const settings: Array<[string, BuildOptions]> = [
  ['an onRequest hook that sets JSON.stringify', { before: set(value => JSON.stringify(value)).onRequest }],
  ['an onRequest hook of later that sets JSON.stringify', { after: set(value => JSON.stringify(value)).onRequest }],
  ['a preHandler hook that wraps', { before: set(wrap).preHandler }],
  ['a serializer of the application', { before: app => { app.setReplySerializer(wrap) } }],
  ['an envelope', { before: app => { app.addHook('preSerialization', (request, reply, value, done) => { done(null, { value }) }) } }]
]
for (const [name, options] of [['', {}], [' with a default', { default: 'application/json', serializers: [{ regex: /json/, serializer: JSON.stringify }] }]] as const) {
  const register = async (app: FastifyInstance) => { await app.register(acceptsSerializer, { ...options, serializers: [yaml, ...'serializers' in options ? options.serializers : []] }) }
  settings.push([`@fastify/accepts-serializer${name}`, { before: register }], [`@fastify/accepts-serializer${name} of later`, { after: register }])
}

for (const [what, options] of settings) {
  t.test(`whatever is sent goes out as it is, under ${what}`, async t => {
    const expected = await answers(t)
    t.ok(Object.keys(expected).length > 30)
    const found = await answers(t, options)
    for (const [request, answer] of Object.entries(expected)) {
      t.strictSame(found[request], answer, request)
    }
  })
}
