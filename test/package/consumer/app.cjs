// The same by require(), which loads ES modules since Node 20.19.
const assert = require('node:assert/strict')
const cookie = require('@fastify/cookie')
const Fastify = require('fastify')
const { default: impersonate, memoryUsers, errors } = require('fastify-impersonate')
const { impersonate: asSomebody } = require('fastify-impersonate/testing')

async function start () {
  const users = memoryUsers([{ id: 1, username: 'ada', isSuperuser: true }, { id: 2, username: 'carl', isSuperuser: false }])
  const app = Fastify()
  app.register(cookie)
  app.register(impersonate, { users, getRealUser: request => users.findById(String(request.headers['x-user'])) })
  app.get('/', async request => ({ user: request.user?.username, realUser: request.realUser?.username }))
  const asCarl = await asSomebody(app, { as: 2, by: { headers: { 'x-user': '1' } } })
  assert.deepEqual((await app.inject({ url: '/', ...asCarl })).json(), { user: 'carl', realUser: 'ada' })
  assert.equal((await app.inject({ method: 'POST', url: app.impersonate.url('stop'), ...asCarl })).statusCode, 302)
  assert.equal(new errors.FST_IMPERSONATE_FORBIDDEN().statusCode, 403)
  await app.close()
  console.log('by require(), a start, a look and a stop')
}

start()
