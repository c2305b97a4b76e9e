// A process of its own, one of several: an application over a log in PostgreSQL and sign-ins in Redis. It tells the process that
// started it its address, of every hook and of where it waits, and takes from it where to wait and what time it is.
import { setTimeout as pause } from 'node:timers/promises'
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { webSession } from '../../dist/lib/http/web-session.js'
import { people } from './build.js'
import { newStore } from './redis.js'

export interface Order { hold?: 'begin' | 'stop' | 'end' | null, advance?: number, slow?: number }
export type News = { address: string } | { at: 'begin' | 'stop' | 'end' } | { began: string } | { ended: [id: string, reason: unknown] }

const [databaseUrl = '', prefix = ''] = process.argv.slice(2)
const tell = (news: News) => { process.send?.(news) }
let [held, ahead, endsIn]: [Order['hold'], number, number] = [null, 0, 0]

process.on('message', ({ hold, advance = 0, slow }: Order) => {
  if (hold !== undefined) held = hold
  ahead += advance * 1000
  if (slow !== undefined) endsIn = slow
})
process.on('disconnect', () => { process.exit() })

/** Waits here for good where it was told to: it is killed then. */
async function hereIs (at: 'begin' | 'stop' | 'end'): Promise<void> {
  if (held !== at) return
  tell({ at })
  await new Promise<never>(() => {})
}

const app = Fastify({ pluginTimeout: 60_000 })
await app.register(cookie)
await app.register(session, {
  secret: 'a secret of at least thirty-two characters', store: await newStore(prefix), cookie: { secure: 'auto' }, saveUninitialized: false
})
app.addHook('preHandler', async request => {
  if (request.routeOptions.config.impersonateRoute === 'stop') await hereIs('stop')
})
await app.register(impersonate, {
  databaseUrl,
  users: memoryUsers(people()),
  timeout: 60_000,
  abandonedAfter: 3600,
  now: () => Date.now() + ahead,
  onSessionBegin: async ({ log }) => {
    tell({ began: log.id })
    await hereIs('begin')
  },
  onSessionEnd: async ({ log, endReason }) => {
    if (endsIn > 0) await pause(endsIn)
    tell({ ended: [log.id, endReason] })
    await hereIs('end')
  }
})
app.post<{ Params: { id: string } }>('/sign-in/:id', async request => {
  webSession(request)?.set('userId', request.params.id)
  return {}
})
app.post('/sign-out', async request => {
  await Reflect.get(Object(webSession(request)), 'destroy').call(webSession(request))
  return {}
})
app.get('/who', async request => ({ user: request.user?.id ?? null, impersonator: request.impersonator?.id ?? null, id: request.impersonation?.id ?? null }))
app.post('/sweep', async () => ({ closed: await app.impersonate.sweep() }))
tell({ address: await app.listen({ port: 0, host: '127.0.0.1' }) })
