import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { once } from 'node:events'
import http2 from 'node:http2'
import t, { type Test } from 'tap'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { browser, build, people } from '../kit/build.js'

const PRIVATE = 'private, no-store'
const PUBLIC = 'public, max-age=60'
const FOREVER = 'public, max-age=60, immutable'

/** An application on a socket, where a head is written as Node does it, and sam in front of it, as carl. */
async function open (t: Test, after: (app: FastifyInstance) => void) {
  const app = await build(t, { after })
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  const get = async (path: string) => await fetch(`${address}${path}`, {
    headers: { cookie: [...sam.jar].map(([name, value]) => `${name}=${value}`).join('; ') }
  })
  const control = async (path: string) => (await get(path)).headers.get('cache-control')
  return { app, sam, get, control }
}

type Raw = FastifyReply['raw']

/** How to say something past Fastify. */
const WAYS: Record<string, (raw: Raw, value: string) => Raw> = {
  object: (raw, value) => raw.writeHead(200, { 'cache-control': value, 'x-own': 'yes' }),
  capitals: (raw, value) => raw.writeHead(200, { 'Cache-Control': value, 'X-Own': 'yes' }),
  reason: (raw, value) => raw.writeHead(200, 'Well', { 'cache-control': value, 'x-own': 'yes' }),
  list: (raw, value) => raw.writeHead(200, ['Cache-Control', value, 'X-Own', 'yes']),
  'list-and-reason': (raw, value) => raw.writeHead(200, 'Well', ['cache-control', value, 'x-own', 'yes']),
  pairs: (raw, value) => Reflect.apply(raw.writeHead, raw, [200, [['cache-control', value], ['x-own', 'yes']]]),
  twice: (raw, value) => raw.writeHead(200, ['cache-control', value, 'x-own', 'yes', 'Cache-Control', 's-maxage=1']),
  'no-head': (raw, value) => raw.setHeader('cache-control', value).setHeader('x-own', 'yes'),
  'empty-head': (raw, value) => raw.setHeader('cache-control', value).setHeader('x-own', 'yes').writeHead(200)
}

function past (app: FastifyInstance, value: string): void {
  for (const [name, say] of Object.entries(WAYS)) {
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack()
      say(reply.raw, value).end('1')
    }
    app.get(`/${name}`, handler)
    app.get(`/admin/${name}`, handler)
    app.get(`/real/${name}`, { config: { impersonation: 'real-user' } }, handler)
  }
}

t.test('what a handler says to the raw answer as the target is private all the same', async t => {
  const { sam, get, control } = await open(t, app => { past(app, PUBLIC) })
  for (const name of Object.keys(WAYS)) {
    const { headers, statusText } = await get(`/${name}`)
    t.equal(headers.get('cache-control'), PRIVATE, name)
    t.equal(headers.get('x-own'), 'yes', `${name}: all else is as it was said`)
    t.equal(statusText, name.endsWith('reason') ? 'Well' : 'OK', name)
    t.match(await control(`/admin/${name}`), PUBLIC, `${name}: an excluded path is not touched`)
    t.match(await control(`/real/${name}`), PUBLIC, `${name}: nor is a route of the real user's`)
  }
  await sam.postJson('/impersonate/stop/')
  for (const name of Object.keys(WAYS)) t.match(await control(`/${name}`), PUBLIC, `${name}: nor is the real user`)
})

t.test('what the application says is public and immutable stays so, past Fastify too', async t => {
  const { control } = await open(t, app => { past(app, FOREVER) })
  for (const name of Object.keys(WAYS)) t.match(await control(`/${name}`), FOREVER, name)
})

t.test('it takes both words', async t => {
  const { control } = await open(t, app => {
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const { value, raw } = Object(request.query)
      if (raw === undefined) return await reply.header('cache-control', value).send('1')
      reply.hijack()
      reply.raw.writeHead(200, { 'cache-control': value }).end('1')
    }
    app.get('/say', handler)
  })
  const said = async (value: string) => {
    const path = `/say?value=${encodeURIComponent(value)}`
    const [one, other] = [await control(path), await control(`${path}&raw=1`)]
    t.equal(one, other, `${value}: the same past Fastify`)
    return one
  }
  const others = [
    'immutable', 'max-age=60, immutable', 'private, immutable', 'public', '',
    'public-ish, immutable', 'public, immutable-ish', 'x="public, immutable"'
  ]
  for (const value of others) t.equal(await said(value), PRIVATE, value)
  const both = ['public, immutable', 'PUBLIC,Immutable', 'max-age=60 , immutable,\tpublic']
  for (const value of both) t.equal(await said(value), value)
})

t.test('a list that says a name twice is two headers, and one that is none is Node\'s to refuse', async t => {
  const errors: unknown[] = []
  const { get } = await open(t, app => {
    app.get('/cookies', async (request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200, ['set-cookie', 'a=1', 'Set-Cookie', 'b=2']).end('1')
    })
    app.get('/twice', async (request, reply) => {
      reply.hijack()
      reply.raw.writeHead(200).end('1')
      try {
        reply.raw.writeHead(200, { 'cache-control': PUBLIC })
      } catch (error) {
        errors.push(Reflect.get(Object(error), 'code'))
      }
    })
    app.get('/odd', async (request, reply) => {
      reply.hijack()
      try { reply.raw.writeHead(200, ['x-own']) } catch { errors.push('odd') }
      reply.raw.end('1')
    })
  })
  t.same((await get('/cookies')).headers.getSetCookie(), ['a=1', 'b=2'])
  t.equal((await get('/twice')).headers.get('cache-control'), PRIVATE)
  t.equal((await get('/odd')).headers.get('cache-control'), PRIVATE)
  t.same(errors, ['ERR_HTTP_HEADERS_SENT', 'odd'])
})

t.test('hooks and handlers see that it is private, such as a cache of the application\'s own', async t => {
  const seen: unknown[] = []
  const { get } = await open(t, app => {
    app.addHook('onSend', async (request, reply) => { seen.push(reply.getHeader('cache-control')) })
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      seen.push(reply.raw.getHeader('cache-control'))
      return await reply.header('cache-control', PUBLIC).send('1')
    }
    app.get('/public', handler)
    app.get('/admin/public', handler)
    app.get('/real/public', { config: { impersonation: 'real-user' } }, handler)
  })
  seen.length = 0
  for (const path of ['/public', '/admin/public', '/real/public']) await get(path)
  t.same(seen, [PRIVATE, PRIVATE, undefined, PUBLIC, undefined, PUBLIC])
})

t.test('a hook that comes later, and streams', async t => {
  const { control } = await open(t, app => {
    app.get('/late', { onSend: async (request, reply) => { reply.header('cache-control', PUBLIC) } }, async () => '1')
    app.get('/stream', {
      onSend: async (request, reply) => { reply.header('cache-control', PUBLIC) }
    }, async () => new Blob(['1']).stream())
  })
  t.equal(await control('/late'), PRIVATE)
  t.equal(await control('/stream'), PRIVATE)
})

t.test('the same over HTTP/2', async t => {
  const app = Fastify({ http2: true })
  t.teardown(async () => { await app.close() })
  const users = memoryUsers(people())
  await app.register(cookie)
  await app.register(impersonate, {
    users,
    databaseUrl: `file:${t.testdir()}/log.db`,
    getRealUser: request => users.findById(String(request.headers['x-user']))
  })
  app.get('/hijacked', async (request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'cache-control': PUBLIC, 'x-own': 'yes' }).end('1')
  })
  app.get('/written', async (request, reply) => {
    reply.hijack()
    reply.raw.setHeader('cache-control', PUBLIC)
    reply.raw.end('1')
  })
  app.get('/public', async (request, reply) => await reply.header('cache-control', PUBLIC).send('1'))
  const client = http2.connect(await app.listen({ port: 0, host: '127.0.0.1' }))
  t.teardown(() => { client.close() })
  const send = async (path: string, headers: object) => {
    const stream = client.request({ ':path': path, 'x-user': '2', ...headers })
    const [answered] = await once(stream, 'response')
    stream.resume()
    await once(stream, 'end')
    return Object(answered)
  }
  const started = await send('/impersonate/3/', { ':method': 'POST', accept: 'application/json' })
  t.equal(started[':status'], 201)
  const key = String(started['set-cookie']).split(';')[0]
  for (const path of ['/hijacked', '/written', '/public']) {
    t.equal((await send(path, { cookie: key }))['cache-control'], PRIVATE, path)
    t.equal((await send(path, {}))['cache-control'], PUBLIC, path)
  }
  t.equal((await send('/hijacked', { cookie: key }))['x-own'], 'yes')
})
