import t from 'tap'
import { createKeyCookie } from '../../dist/lib/state/cookie.js'
import { browser, build } from '../kit/build.js'
import { hashKey, newKey } from '../../dist/lib/state/keys.js'

const options = { name: 'impersonation', path: '/', sameSite: 'lax', secure: 'auto' } as const
const from = (cookie?: string, protocol = 'http') => ({ headers: cookie === undefined ? {} : { cookie }, protocol }) as never

t.test('a key is 160 random bits, and hashed in one way', async t => {
  const keys = Array.from({ length: 1000 }, newKey)
  t.equal(new Set(keys).size, 1000)
  for (const key of keys) t.equal(Buffer.from(key, 'base64url').length, 20)
  t.equal(hashKey('a'), 'ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs')
})

t.test('a cookie is read from the raw header', async t => {
  const cookie = createKeyCookie(options)
  const key = newKey()
  const found = { is: 'key', sessionKey: hashKey(key) }
  t.equal(cookie.read(from()), 'none')
  t.equal(cookie.read(from('a=b')), 'none')
  t.equal(cookie.read(from('ximpersonation=b')), 'none')
  t.same(cookie.read(from(`impersonation=${key}`)), found)
  t.same(cookie.read(from(`a=b;impersonation=${key} ; c=d`)), found)
})

t.test('a name that comes twice, and a value that no browser was given, are broken', async t => {
  const cookie = createKeyCookie(options)
  const key = newKey()
  for (const broken of [`impersonation=${key}; impersonation=${key}`, 'impersonation=', 'impersonation=abc', `impersonation=${key}x`, `impersonation="${key}"`, `impersonation=${'%'.repeat(27)}`]) {
    t.equal(cookie.read(from(broken)), 'broken', broken)
  }
})

t.test('over https only the name with __Host- is read', async t => {
  const cookie = createKeyCookie(options)
  const key = newKey()
  t.equal(cookie.read(from(`impersonation=${key}`, 'https')), 'none')
  t.same(cookie.read(from(`__Host-impersonation=${key}`, 'https')), { is: 'key', sessionKey: hashKey(key) })
  t.equal(cookie.read(from(`__Host-impersonation=${key}`)), 'none')
  t.same(createKeyCookie({ ...options, path: '/app' }).read(from(`impersonation=${key}`, 'https')), { is: 'key', sessionKey: hashKey(key) })
})

t.test('whether there may be a cookie is told by its name', async t => {
  const cookie = createKeyCookie(options)
  t.same([from(), from('a=b'), from('impersonation=x'), from('__Host-impersonation=x')].map(request => cookie.mayBeIn(request)), [false, false, true, true])
})

t.test('the cookie is HttpOnly, without Domain and lifetime, whatever @fastify/cookie adds', async t => {
  const { default: cookiePlugin } = await import('@fastify/cookie')
  const { default: Fastify } = await import('fastify')
  const app = Fastify({ trustProxy: true })
  t.teardown(async () => { await app.close() })
  await app.register(cookiePlugin, { secret: 'a secret', parseOptions: { domain: 'example.com', maxAge: 60, expires: new Date(), signed: true, httpOnly: false, path: '/x', priority: 'high', partitioned: true, encode: () => 'changed' } })
  const cookie = createKeyCookie(options)
  app.get('/give', async (request, reply) => { cookie.give(request, reply, 'the-key'); return {} })
  app.get('/clear', async (request, reply) => { cookie.clear(request, reply); return {} })
  t.equal((await app.inject('/give')).headers['set-cookie'], 'impersonation=the-key; Path=/; HttpOnly; SameSite=Lax')
  const https = { headers: { 'x-forwarded-proto': 'https' } }
  t.equal((await app.inject({ url: '/give', ...https })).headers['set-cookie'], '__Host-impersonation=the-key; Path=/; HttpOnly; Secure; SameSite=Lax')
  t.equal((await app.inject('/clear')).headers['set-cookie'], 'impersonation=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax')
})

t.test('the cookie has the name, path and sameSite that it was given', async t => {
  const app = await build(t, { cookie: { name: 'mask', path: '/', sameSite: 'strict', secure: true } })
  const ada = browser(app)
  await ada.signIn(1)
  const started = await ada.postJson('/impersonate/3/')
  t.match([started.headers['set-cookie']].flat().join('\n'), /__Host-mask=[\w-]{27}; Path=\/; HttpOnly; Secure; SameSite=Strict/)
})
