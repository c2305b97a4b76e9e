// With nothing but Fastify and @fastify/cookie: a start is recorded in the embedded database, and stopped.
import assert from 'node:assert/strict'
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import impersonate, { memoryUsers } from 'fastify-impersonate'

const users = memoryUsers([{ id: 1, username: 'ada', isSuperuser: true }, { id: 2, username: 'carl', isSuperuser: false }])
const app = Fastify()
await app.register(cookie)
await app.register(impersonate, { users, getRealUser: request => users.findById(String(request.headers['x-user'])) })
app.get('/', async request => ({ user: request.user?.username, realUser: request.realUser?.username }))

const headers = { 'x-user': '1', accept: 'application/json' }
const started = await app.inject({ method: 'POST', url: '/impersonate/2/', headers })
assert.equal(started.statusCode, 201, started.body)
const [{ name, value }] = started.cookies
const seen = await app.inject({ url: '/', headers: { ...headers, cookie: `${name}=${value}` } })
assert.deepEqual(seen.json(), { user: 'carl', realUser: 'ada' })
const log = await app.inject({ url: '/impersonate/log/', headers })
assert.equal(log.json().logs[0].impersonating.name, 'carl')
const stopped = await app.inject({ method: 'POST', url: '/impersonate/stop/', headers: { ...headers, cookie: `${name}=${value}` } })
assert.equal(stopped.statusCode, 200)
const page = await app.inject({ url: '/impersonate/search/', headers: { 'x-user': '1' } })
assert.match(page.body, /carl/)
await app.close()
console.log('by import, a start, a look, a log entry, a stop and a page')
