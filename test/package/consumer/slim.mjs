// Nothing of Prisma is installed: with `disableLogging` nothing of it is needed; without, the error says what to install.
import assert from 'node:assert/strict'
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import impersonate, { memoryUsers } from 'fastify-impersonate'
import { impersonate as asSomebody } from 'fastify-impersonate/testing'

const users = memoryUsers([{ id: 1, username: 'ada', isSuperuser: true }, { id: 2, username: 'carl', isSuperuser: false }])
// One browser, whose session this process holds.
const session = new Map()

async function createApp (options) {
  const app = Fastify()
  await app.register(cookie)
  app.decorateRequest('session', { getter: () => session })
  await app.register(impersonate, { users, getRealUser: request => users.findById(String(request.headers['x-user'])), ...options })
  app.get('/', async request => ({ user: request.user?.username, realUser: request.realUser?.username }))
  return app
}

const app = await createApp({ disableLogging: true })
const asCarl = await asSomebody(app, { as: 2, by: { headers: { 'x-user': '1' } } })
assert.deepEqual((await app.inject({ url: '/', ...asCarl })).json(), { user: 'carl', realUser: 'ada' })
await app.inject({ method: 'POST', url: app.impersonate.url('stop'), ...asCarl })
assert.deepEqual((await app.inject({ url: '/', ...asCarl })).json(), { user: 'ada', realUser: 'ada' })
await app.close()

const { code, message } = await createApp({}).then(() => assert.fail('it started'), error => error)
assert.equal(code, 'FST_IMPERSONATE_MISSING_PACKAGE')
assert.match(message, /npm install --include=optional fastify-impersonate/)
console.log('without Prisma, a start, a look and a stop; and with nothing set the command to type')
