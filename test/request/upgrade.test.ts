import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { memoryUsers } from '../../dist/index.js'
import { browser, build, people, type BuildOptions } from '../kit/build.js'

/** An application with WebSockets, on a port, and sam as carl; `connect` gives the status of a refusal, 101 where it opens. */
async function open (t: Test, order: 'before' | 'after', options: BuildOptions = {}) {
  const register = async (app: FastifyInstance) => { await app.register(websocket) }
  const app = await build(t, {
    ...options,
    ...order === 'before' ? { before: register } : {},
    after: async app => {
      if (order === 'after') await register(app)
      await app.register(async scope => {
        for (const url of ['/socket', '/deny']) {
          const config = url === '/deny' ? { impersonation: 'deny' as const } : {}
          scope.get(url, { websocket: true, config }, (socket, request) => { socket.send(String(request.user?.id)) })
        }
      })
    }
  })
  const address = (await app.listen({ port: 0, host: '127.0.0.1' })).replace('http', 'ws')
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  const connect = async (url: string, headers = {}) => {
    const cookie = [...sam.jar].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ')
    const socket = new WebSocket(`${address}${url}`, { headers: { cookie, ...headers } })
    return await new Promise<unknown>((resolve, reject) => {
      socket.on('unexpected-response', (request, { statusCode }) => { resolve(statusCode) })
      socket.on('message', data => {
        resolve(String(data))
        socket.close()
      })
      socket.on('error', reject)
    })
  }
  const isEmpty = async () => {
    const connections = async () => await new Promise(resolve => { app.server.getConnections((error, count) => { resolve(error ?? count) }) })
    for (let wait = 0; wait < 100 && await connections() !== 0; wait++) await new Promise(resolve => setTimeout(resolve, 20))
    return await connections()
  }
  const closes = async () => await Promise.race([app.close().then(() => 'closed'), new Promise(resolve => setTimeout(resolve, 5000, 'hangs').unref())])
  return { sam, connect, isEmpty, closes }
}

for (const order of ['before', 'after'] as const) {
  t.test(`a refused upgrade keeps no socket, with @fastify/websocket registered ${order} the plugin`, async t => {
    await t.test('409 and 403', async t => {
      const everyone = people()
      const { connect, isEmpty, closes } = await open(t, order, { people: everyone })
      t.equal(await connect('/socket'), '3')
      t.equal(await connect('/deny'), 403)
      t.equal(await connect('/socket', { 'x-impersonation': 'none' }), 409)
      t.equal(await connect('/socket', { 'x-impersonation': 'other', cookie: '' }), 409)
      everyone.splice(2, 1)
      for (let again = 0; again < 5; again++) t.equal(await connect('/socket', { accept: again % 2 === 0 ? 'text/html' : 'application/json' }), 409)
      t.equal(await isEmpty(), 0)
      t.equal(await closes(), 'closed')
    })

    await t.test('405', async t => {
      const { connect, isEmpty, closes } = await open(t, order, { readOnly: true })
      t.equal(await connect('/socket'), 405)
      t.equal(await isEmpty(), 0)
      t.equal(await closes(), 'closed')
    })

    await t.test('503', async t => {
      let isDown = false
      const users = memoryUsers(people())
      const { connect, isEmpty, closes } = await open(t, order, {
        getRealUser: async () => isDown ? await Promise.reject(new Error('down')) : people()[1] ?? null,
        users: { ...users, findById: async (id: string) => isDown ? await Promise.reject(new Error('down')) : await users.findById(id) }
      })
      isDown = true
      t.equal(await connect('/socket'), 503)
      t.equal(await connect('/socket', { cookie: '' }), 503)
      t.equal(await isEmpty(), 0)
      t.equal(await closes(), 'closed')
    })
  })
}
