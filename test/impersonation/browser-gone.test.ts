import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import cookie from '@fastify/cookie'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import impersonate, { memoryUsers } from '../../dist/index.js'
import type { SessionEvent } from '../../dist/lib/types/index.js'
import { build, people, type BuildOptions } from '../kit/build.js'

const json = { accept: 'application/json' }

async function logs (app: FastifyInstance) {
  return (await app.inject({ url: '/impersonate/log/', headers: json })).json().logs
}

/** The log's rows as soon as one has ended; for a while. */
async function ended (app: FastifyInstance) {
  for (let tries = 0; tries < 100; tries++) {
    const rows = await logs(app)
    if (rows.some(({ endReason }: { endReason: unknown }) => endReason !== null)) return rows
    await pause(20)
  }
  return await logs(app)
}

/** Sam's application on a real socket, and a browser that goes when it is told to. */
async function open (t: Test, options: (leave: () => Promise<void>) => BuildOptions) {
  const ends: SessionEvent[] = []
  let socket: Socket | undefined
  const onServer: Socket[] = []
  const leave = async () => {
    const [seen] = onServer
    const closed = seen === undefined ? undefined : once(seen, 'close')
    socket?.destroy()
    await closed
    await pause(5)
  }
  const app = await build(t, { getRealUser: () => people()[1], adminAllow: () => true, onSessionEnd: event => { ends.push(event) }, ...options(leave) })
  app.server.on('connection', (opened: Socket) => { onServer.push(opened) })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const start = async (url = '/impersonate/3/') => {
    const own = connect(port, '127.0.0.1')
    socket = own
    own.on('error', () => {})
    await once(own, 'connect')
    let answer = ''
    own.on('data', data => { answer += String(data) })
    own.write(`POST ${url} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
    await once(own, 'close')
    return answer
  }
  return { app, ends, start }
}

t.test('a start whose browser goes while a begin hook runs is aborted, and no key is given', async t => {
  const answered: unknown[] = []
  const { app, ends, start } = await open(t, leave => ({
    onSessionBegin: leave,
    before: app => app.addHook('onSend', async (request, reply) => { answered.push(reply.getHeader('set-cookie')) })
  }))
  t.equal(await start(), '')
  t.match(await ended(app), [{ endReason: 'aborted', endedBy: null }])
  t.match(ends, [{ endReason: 'aborted', impersonator: { id: 2 }, impersonating: { id: 3 } }])
  t.equal(answered[0], undefined)
})

t.test('a start whose browser goes while the log is written is aborted', async t => {
  let leaveOnce: (() => Promise<void>) | undefined
  const { app, start } = await open(t, leave => {
    leaveOnce = leave
    return { readOnly: async () => { await leaveOnce?.(); return false } }
  })
  t.equal(await start(), '')
  leaveOnce = undefined
  t.match(await ended(app), [{ endReason: 'aborted' }])
})

t.test('a start whose browser goes when the key is given, but nothing of the answer is sent, is aborted', async t => {
  const { app, ends, start } = await open(t, leave => ({
    before: app => app.addHook('onSend', async request => { if (request.method === 'POST') await leave() })
  }))
  t.equal(await start(), '')
  t.match(await ended(app), [{ endReason: 'aborted' }])
  t.equal(ends.length, 1)
})

t.test('without a log what is in the web session goes on, and nobody is told that it has ended', async t => {
  const left: unknown[] = []
  const { ends, start } = await open(t, leave => ({
    disableLogging: true,
    before: app => app.addHook('onSend', async request => {
      if (request.method !== 'POST') return
      left.push(Reflect.get(request.session, 'get').call(request.session, 'fastify-impersonate'))
      await leave()
    })
  }))
  t.equal(await start(), '')
  await pause(50)
  t.match(left, [{ impersonatingId: '3' }])
  t.same(ends, [])
})

t.test('the same of a start that an application\'s own route does', async t => {
  const { app, start } = await open(t, leave => ({
    after: app => {
      app.post('/own', async (request, reply) => {
        await app.impersonate.start(request, reply, 3)
        await leave()
        return {}
      })
    }
  }))
  t.equal(await start('/own'), '')
  t.match(await ended(app), [{ endReason: 'aborted' }])
})

t.test('what the browser was answered goes on, though the connection is closed', async t => {
  const { app, ends, start } = await open(t, () => ({}))
  t.match(await start(), /^HTTP\/1\.1 201 [^]*set-cookie: impersonation=/)
  await pause(100)
  t.match(await logs(app), [{ endReason: null }])
  t.same(ends, [])
})

t.test('a stop by the time the connection is lost is the end that counts', async t => {
  const { app, start } = await open(t, leave => ({
    after: app => {
      app.post('/both', async (request, reply) => {
        const { impersonation } = await app.impersonate.start(request, reply, 3)
        await app.impersonate.sessions.end(impersonation.id)
        await leave()
        return {}
      })
    }
  }))
  t.equal(await start('/both'), '')
  await pause(100)
  t.match(await logs(app), [{ endReason: 'revoked' }])
})

t.test('over HTTP/2, where the connection stays and the request alone is given up', async t => {
  const app = Fastify({ http2: true })
  t.teardown(async () => { await app.close() })
  let giveUp = async () => {}
  await app.register(cookie as never)
  await app.register(impersonate as never, {
    users: memoryUsers(people()),
    databaseUrl: `file:${join(t.testdir(), 'log.db')}`,
    getRealUser: () => people()[1],
    adminAllow: () => true,
    onSessionBegin: async () => { await giveUp() }
  } as never)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const client = connectHttp2(`http://127.0.0.1:${port}`)
  t.teardown(() => { client.destroy() })
  const start = client.request({ ':method': 'POST', ':path': '/impersonate/3/', ...json })
  start.on('error', () => {})
  giveUp = async () => { start.close(8); await pause(100) }
  await once(start, 'close')
  t.match(await ended(app as never), [{ endReason: 'aborted' }])
})
