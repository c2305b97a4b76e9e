// Calls the plugin's hooks on a request without its cookie, and says how long they take and how much they allocate.
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { openSqlite } from '../database.mjs'
import { answerLines, inFolder, median, round } from '../measure.mjs'

const RUNS = 15
const TIMING = 2_000_000
const COUNTING = 100_000
const someone = { id: 7, username: 'someone', isActive: true, isStaff: false, isSuperuser: false }

await inFolder(async folder => {
  let queries = 0
  const prisma = await openSqlite(`${folder}/log.db`, {})
  const counted = prisma.$extends({ query: { $allOperations: async ({ args, query }) => { queries++; return await query(args) } } })
  const app = Fastify({ logger: false })
  await app.register(cookie)
  let sessionWrites = 0
  const kept = new Map()
  await app.register(session, {
    secret: 'a secret of at least thirty-two characters',
    cookie: { secure: false },
    saveUninitialized: false,
    rolling: false,
    store: {
      set (id, value, done) { sessionWrites++; kept.set(id, JSON.stringify(value)); done() },
      get (id, done) { done(null, kept.has(id) ? JSON.parse(kept.get(id)) : null) },
      destroy (id, done) { kept.delete(id); done() }
    }
  })

  const hooks = {}
  const { addHook } = app
  app.addHook = function noteHook (name, hook) {
    hooks[name] ??= hook
    return addHook.call(this, name, hook)
  }
  await app.register(impersonate, { prisma: counted, users: memoryUsers([someone]), getRealUser: () => someone })
  app.addHook = addHook

  app.post('/sign-in', async request => {
    request.session.set('userId', 7)
    return {}
  })
  app.get('/plain', async ({ user }) => ({ hello: user.username }))
  app.get('/measure', async (request, reply) => {
    const done = () => {}
    return {
      onRequest: measure(() => { hooks.onRequest(request, reply, done) }),
      onSend: measure(() => { hooks.onSend(request, reply, '', done) })
    }
  })
  const { headers: given } = await app.inject({ method: 'POST', url: '/sign-in' })
  const headers = { cookie: `theme=dark; ${String(given['set-cookie']).split(';')[0]}` }
  await app.inject({ url: '/plain', headers })
  sessionWrites = queries = 0
  for (let time = 0; time < 1000; time++) await app.inject({ url: '/plain', headers })
  const counts = { sessionWrites, queries }
  const measured = (await app.inject({ url: '/measure', headers })).json()
  await app.close()
  await answerLines({ ...measured, ...counts }, () => ({}))
})

function measure (call) {
  const runs = Array.from({ length: RUNS }, () => {
    const started = process.hrtime.bigint()
    for (let time = 0; time < TIMING; time++) call()
    const ns = Number(process.hrtime.bigint() - started) / TIMING
    globalThis.gc()
    const before = process.memoryUsage().heapUsed
    for (let time = 0; time < COUNTING; time++) call()
    return { ns, bytes: (process.memoryUsage().heapUsed - before) / COUNTING }
  })
  return { ns: round(median(runs.map(({ ns }) => ns)), 0), bytes: round(Math.max(0, median(runs.map(({ bytes }) => bytes))), 1) }
}
