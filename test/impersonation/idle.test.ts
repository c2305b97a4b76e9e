import t, { type Test } from 'tap'
import { browser, build, people, type BuildOptions } from '../kit/build.js'
import { faulty, openLog } from '../kit/database.js'

const START = Date.parse('2026-01-31T12:00:00Z')

async function running (t: Test, options: BuildOptions = {}) {
  const clock = { at: START }
  const prisma = await openLog(t)
  const app = await build(t, { prisma, now: () => clock.at, ...options })
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  const row = async () => await prisma.impersonationLog.findFirstOrThrow({ orderBy: { id: 'desc' } })
  const seen = async () => (await row()).lastSeenAt.getTime() - START
  const pass = (seconds: number) => { clock.at += seconds * 1000 }
  return { app, sam, row, seen, pass, prisma }
}

/** What is written beside a request has been written. */
async function settled (check: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200 && !await check(); tries++) await new Promise(resolve => setTimeout(resolve, 5))
}

t.test('activity keeps it from being idle, and what is not used ends at its limit', async t => {
  const { sam, pass, seen, row } = await running(t, { idleTimeout: 60 })
  for (const at of [50, 100, 150]) {
    pass(50)
    t.match((await sam.getJson('/who')).json(), { user: 3 })
    await settled(async () => await seen() === at * 1000)
    t.equal(await seen(), at * 1000)
  }
  pass(60)
  t.match((await sam.getJson('/who')).json(), { code: 'FST_IMPERSONATE_ENDED', endReason: 'idle' })
  t.match(await row(), { endReason: 'idle', sessionEndedAt: new Date(START + 210_000) })
})

t.test('the first of two limits counts', async t => {
  const { sam, pass, row } = await running(t, { idleTimeout: 60, maxDuration: 90 })
  pass(50)
  await sam.getJson('/who')
  pass(3600)
  t.match((await sam.getJson('/who')).json(), { endReason: 'expired' })
  t.match(await row(), { endReason: 'expired', sessionEndedAt: new Date(START + 90_000) })
})

t.test('lastSeenAt is written at most every five seconds, or every quarter of a short limit', async t => {
  for (const [idleTimeout, interval] of [[null, 5], [3600, 5], [8, 2]] as const) {
    const { sam, pass, seen } = await running(t, { idleTimeout })
    pass(1)
    await sam.getJson('/who')
    t.equal(await seen(), 1000, 'the first use is noted before anything runs')
    pass(interval - 0.5)
    await sam.getJson('/who')
    await sam.getJson('/who')
    t.equal(await seen(), 1000, `not before ${interval} s`)
    pass(0.5)
    await sam.getJson('/who')
    await settled(async () => await seen() > 1000)
    t.equal(await seen(), 1000 + interval * 1000)
  }
})

t.test('a route with keepAlive: false, and the status page, are no activity', async t => {
  const { sam, pass, seen } = await running(t, {
    idleTimeout: 60, after: app => { app.get('/poll', { config: { impersonation: { keepAlive: false } } }, async ({ user }) => ({ user: user?.id })) }
  })
  for (let polls = 0; polls < 5; polls++) {
    pass(10)
    t.match((await sam.getJson('/poll')).json(), { user: 3 })
    t.match((await sam.getJson('/impersonate/status/')).json(), { isImpersonate: true })
  }
  t.equal(await seen(), 1, 'only that it is in use')
  pass(10)
  t.match((await sam.getJson('/poll')).json(), { endReason: 'idle' })
})

t.test('what no request has used for ten minutes has been aborted as of its start', async t => {
  const { sam, pass, row, app } = await running(t)
  pass(599)
  t.equal(await app.impersonate.sweep(), 0)
  pass(1)
  t.match((await sam.getJson('/who')).json(), { code: 'FST_IMPERSONATE_ENDED', endReason: 'aborted' })
  t.match(await row(), { endReason: 'aborted', sessionEndedAt: new Date(START), lastSeenAt: new Date(START), endedById: null })

  const another = await running(t)
  another.pass(600)
  t.equal(await another.app.impersonate.sweep(), 1)
  t.match(await another.row(), { endReason: 'aborted', sessionEndedAt: new Date(START) })

  const stopped = await running(t)
  await stopped.sam.getJson('/admin/who')
  stopped.pass(600)
  t.equal((await stopped.sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.match(await stopped.row(), { endReason: 'aborted', sessionEndedAt: new Date(START) })
})

t.test('any request that runs as the user is a first use, also in the millisecond of the start', async t => {
  for (const url of ['/who', '/impersonate/status/']) {
    const { sam, pass, seen, app } = await running(t)
    await Promise.all(Array.from({ length: 5 }, async () => { t.equal((await sam.getJson(url)).statusCode, 200) }))
    t.equal(await seen(), 1)
    pass(3600)
    t.equal(await app.impersonate.sweep(), 0)
    t.match((await sam.getJson('/who')).json(), { user: 3 })
  }
})

t.test('the first use is noted before its handler runs', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const { sam, pass } = await running(t, {
    prisma: faulty(real, faults),
    after: app => { app.get('/noted', async () => await real.impersonationLog.findFirst({ select: { lastSeenAt: true } })) }
  })
  pass(2)
  faults['updateMany'] = async (args, original) => {
    await new Promise(resolve => setTimeout(resolve, 100))
    return await original(args)
  }
  t.same((await sam.getJson('/noted')).json(), { lastSeenAt: new Date(START + 2000).toISOString() })
})

t.test('another deadline counts where it comes before the first use has to', async t => {
  for (const [options, endReason, at] of [
    [{ idleTimeout: 60 }, 'idle', 60], [{ maxDuration: 60 }, 'expired', 60], [{ idleTimeout: 3600, maxDuration: 3600 }, 'aborted', 0]
  ] as const) {
    const { pass, app, row } = await running(t, options)
    pass(7200)
    t.equal(await app.impersonate.sweep(), 1)
    t.match(await row(), { endReason, sessionEndedAt: new Date(START + at * 1000) })
  }
})

t.test('requests on excluded paths are no activity and end nothing', async t => {
  const { sam, pass, row, seen } = await running(t, { idleTimeout: 60 })
  pass(3600)
  t.match((await sam.getJson('/admin/who')).json(), { user: 2, impersonation: null })
  t.match(await row(), { sessionEndedAt: null })
  t.equal(await seen(), 0)
})

t.test('a stop after the limit is an end at the limit', async t => {
  const { sam, pass, row } = await running(t, { idleTimeout: 60 })
  pass(3600)
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.match(await row(), { endReason: 'idle', sessionEndedAt: new Date(START + 60_000) })
})

t.test('where lastSeenAt cannot be written, the request runs all the same', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const { sam, pass } = await running(t, { prisma: faulty(real, faults), idleTimeout: 60 })
  faults['updateMany'] = async () => { throw new Error('down') }
  pass(50)
  t.match((await sam.getJson('/who')).json(), { user: 3 })
})

t.test('idleTimeout makes no sense without a log', async t => {
  await t.rejects(build(t, { disableLogging: true, idleTimeout: 60 }), { code: 'FST_IMPERSONATE_INVALID_OPTION', message: /idleTimeout.*disableLogging/ })
})

t.test('without a log nothing is abandoned while its session lives', async t => {
  const clock = { at: START }
  const app = await build(t, { people: people(), disableLogging: true, now: () => clock.at, abandonedAfter: 60 })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  clock.at += 3_600_000
  t.match((await sam.getJson('/who')).json(), { user: 3 })
})
