// One of the processes of the soak: `node server.mjs <postgresql address> <redis address> <prefix>`. Measures itself when told to.
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import { createClient } from 'redis'
import impersonate, { prismaUsers } from '../../dist/index.js'
import { connectPostgresql } from '../database.mjs'
import { answerLines } from '../measure.mjs'
import { redisStore } from './redis-store.mjs'

const [databaseUrl, redisUrl, prefix] = process.argv.slice(2)
const prisma = connectPostgresql(databaseUrl)
const redis = createClient({ url: redisUrl })
await redis.connect()

const app = Fastify({ logger: { level: 'error', stream: process.stderr } })
await app.register(cookie)
await app.register(session, {
  secret: 'a secret of at least thirty-two characters', cookie: { secure: false }, saveUninitialized: false, rolling: false, store: redisStore(redis, prefix)
})
await app.register(impersonate, { prisma, users: prismaUsers(prisma.user) })
app.post('/sign-in/:id', async request => {
  request.session.set('userId', request.params.id)
  return {}
})
app.get('/who', async ({ user, impersonator, impersonation }) => ({
  user: user?.id ?? null, impersonator: impersonator?.id ?? null, impersonation: impersonation?.id ?? null
}))
const url = await app.listen({ port: 0, host: '127.0.0.1' })

await answerLines({ url }, async () => {
  globalThis.gc()
  // What a collection has only just made unreachable goes with the next one.
  await new Promise(resolve => setTimeout(resolve, 20))
  globalThis.gc()
  // Not what is only under way: writes, timers of requests.
  const handles = process.getActiveResourcesInfo().filter(name => /^(TCPSocket|TCPServer|Pipe|UDP|FSEvent)Wrap$/.test(name))
  return { heap: process.memoryUsage().heapUsed, handles: handles.length }
})
