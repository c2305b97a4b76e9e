import { mock } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { LogRow } from '../../dist/lib/log/store.js'
import { browser, build, type BuildOptions } from '../kit/build.js'
import { faulty, open, openLog, row } from '../kit/database.js'

const START = Date.parse('2026-01-31T12:00:00Z')
const NOW = START + 7_200_000

/** An application that starts with these rows in its log, two hours after their start. */
async function withRows (t: Test, rows: Array<Partial<LogRow>>, options: BuildOptions = {}) {
  const prisma = await openLog(t)
  const made = rows.map(row)
  await prisma.impersonationLog.createMany({ data: made })
  const ends: unknown[] = []
  const start = async (more: BuildOptions = {}) => {
    const app = await build(t, {
      prisma,
      now: () => NOW,
      onSessionEnd: ({ log, endReason, impersonator, request }) => { ends.push([log.id, endReason, impersonator?.username ?? null, request]) },
      ...options,
      ...more
    })
    await app.ready()
    return app
  }
  const reasons = async () => {
    const all = await prisma.impersonationLog.findMany({ orderBy: { id: 'asc' } })
    return all.map(({ endReason, sessionEndedAt }) => endReason === null ? null : `${endReason} ${Number(sessionEndedAt) - START}`)
  }
  return { prisma, start, reasons, ends, at: (index: number) => made[index]?.id }
}

const fresh = { ...open, lastSeenAt: new Date(NOW) }

t.test('at start-up what is past a deadline is closed, at that deadline and with its hooks', async t => {
  const { start, reasons, ends, at } = await withRows(t, [
    { ...fresh, expiresAt: new Date(START + 60_000) },
    { ...fresh },
    { ...fresh, lastSeenAt: new Date(NOW - 700_000) },
    { ...fresh, expiresAt: new Date(START + 9_000_000) },
    {}
  ], { idleTimeout: 600 })
  await start()
  t.same(await reasons(), ['expired 60000', null, 'idle 7100000', null, 'stopped 60000'])
  t.same(ends, [[at(2), 'idle', 'sam', null], [at(0), 'expired', 'sam', null]])
})

t.test('who is not seen for abandonedAfter is abandoned, a day by default', async t => {
  const rows = [{ ...open, lastSeenAt: new Date(NOW - 86_400_000) }, { ...open, lastSeenAt: new Date(NOW - 86_399_000) }]
  const { start, reasons } = await withRows(t, rows)
  await start()
  t.same(await reasons(), [`abandoned ${NOW - START}`, null])
})

t.test('sweep() says how many it closed', async t => {
  const { prisma, start } = await withRows(t, [])
  const app = await start()
  await prisma.impersonationLog.createMany({ data: Array.from({ length: 450 }, () => row({ ...open, expiresAt: new Date(NOW) })) })
  t.equal(await app.impersonate.sweep(), 450)
  t.equal(await app.impersonate.sweep(), 0)
})

t.test('without a log there is nothing to sweep', async t => {
  const app = await build(t, { disableLogging: true })
  t.equal(await app.impersonate.sweep(), 0)
})

t.test('the log and the live sessions are swept before they are shown', async t => {
  for (const url of ['/impersonate/log/', '/impersonate/sessions/']) {
    const { prisma, start, reasons } = await withRows(t, [])
    const ada = browser(await start())
    await ada.signIn(1)
    await prisma.impersonationLog.create({ data: row({ ...open, expiresAt: new Date(NOW) }) })
    const { logs, sessions } = (await ada.getJson(url)).json()
    if (url.includes('log')) t.match(logs, [{ endReason: 'expired' }])
    else t.same(sessions, [])
    t.same(await reasons(), [`expired ${NOW - START}`])
  }
})

t.test('many who sweep at once end each row once', async t => {
  const rows = Array.from({ length: 30 }, () => ({ ...open, expiresAt: new Date(NOW) }))
  const { prisma, start, ends } = await withRows(t, [])
  const apps = await Promise.all([start(), start(), start()])
  await prisma.impersonationLog.createMany({ data: rows.map(row) })
  const counts = await Promise.all(apps.flatMap(app => [app.impersonate.sweep(), app.impersonate.sweep()]))
  t.equal(await prisma.impersonationLog.count({ where: { endReason: 'expired' } }), 30)
  t.equal(ends.length, 30)
  t.ok(counts.every(count => count <= 30))
})

t.test('what is seen between the look and the close stays open', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const clock = { at: NOW }
  const app = await build(t, { prisma: faulty(real, faults), now: () => clock.at, idleTimeout: 600 })
  await app.ready()
  const { id } = await real.impersonationLog.create({ data: row({ ...open, lastSeenAt: new Date(NOW - 600_000) }) })
  faults['updateMany'] = async (args, original) => {
    await real.impersonationLog.update({ where: { id }, data: { lastSeenAt: new Date(NOW) } })
    return await original(args)
  }
  t.equal(await app.impersonate.sweep(), 0)
  t.match(await real.impersonationLog.findUnique({ where: { id } }), { sessionEndedAt: null })
})

t.test('one row that cannot be closed keeps no other open, and neither does an end of all', async t => {
  for (const how of ['sweep', 'end'] as const) {
    const real = await openLog(t)
    const faults: Parameters<typeof faulty>[1] = {}
    const app = await build(t, { prisma: faulty(real, faults), now: () => NOW })
    const ada = browser(app)
    await ada.signIn(1)
    const rows = Array.from({ length: 5 }, () => row(how === 'sweep' ? { ...open, expiresAt: new Date(NOW) } : fresh))
    await real.impersonationLog.createMany({ data: rows })
    const broken = [rows[1]?.sessionKey, rows[3]?.sessionKey]
    faults['updateMany'] = async (args, original) => {
      if (broken.includes(Reflect.get(Object(args), 'where')?.sessionKey)) throw new Error('no')
      return await original(args)
    }
    if (how === 'sweep') await t.rejects(app.impersonate.sweep(), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
    else t.equal((await ada.postJson('/impersonate/sessions/end/', { all: true })).statusCode, 503)
    t.same((await real.impersonationLog.findMany({ where: { sessionEndedAt: null } })).map(({ sessionKey }) => sessionKey).toSorted(), broken.toSorted())
  }
})

t.test('a log that is slow at start-up keeps no application from starting in time', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = { findMany: async (args, original) => { await pause(3000); return await original(args) } }
  const app = await build(t, { prisma: faulty(real, faults), timeout: 600_000, server: { pluginTimeout: 2900 } })
  await app.ready()
  t.pass()
})

t.test('a log that is down at start-up keeps nobody from starting, and the sweep is tried again', async t => {
  const real = await openLog(t)
  await real.impersonationLog.create({ data: row({ ...open, expiresAt: new Date(NOW) }) })
  for (const fault of [async () => { throw new Error('down') }, async () => await new Promise<never>(() => {})]) {
    const faults: Parameters<typeof faulty>[1] = { findMany: fault }
    const app = await build(t, { prisma: faulty(real, faults), now: () => NOW, timeout: 50 })
    await app.ready()
    await t.rejects(app.impersonate.sweep(), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
    const ada = browser(app)
    await ada.signIn(1)
    t.match((await ada.getJson('/impersonate/sessions/')).json(), { statusCode: 503, code: 'FST_IMPERSONATE_UNAVAILABLE' })
    delete faults['findMany']
  }
  const app = await build(t, { prisma: real, now: () => NOW })
  await app.ready()
  t.match(await real.impersonationLog.findMany(), [{ endReason: 'expired' }])
})

t.test('it is swept from time to time', async t => {
  const real = await openLog(t)
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => { mock.timers.reset() })
  const app = await build(t, { prisma: real, now: () => NOW })
  await app.ready()
  await real.impersonationLog.create({ data: row({ ...open, expiresAt: new Date(NOW) }) })
  mock.timers.tick(60_000)
  for (let tries = 0; tries < 200 && await real.impersonationLog.count({ where: { sessionEndedAt: null } }) > 0; tries++) await pause(5)
  t.match(await real.impersonationLog.findMany(), [{ endReason: 'expired' }])
})

t.test('an application that closes waits for the sweep under way', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const app = await build(t, { prisma: faulty(real, faults), now: () => NOW })
  await app.ready()
  await real.impersonationLog.create({ data: row({ ...open, expiresAt: new Date(NOW) }) })
  faults['findMany'] = async (args, original) => { await pause(100); return await original(args) }
  const sweeping = app.impersonate.sweep()
  await app.close()
  t.match(await real.impersonationLog.findMany(), [{ endReason: 'expired' }])
  t.equal(await sweeping, 1)
})

t.test('between few that are closed the event loop turns, so that a sweep stops nobody', async t => {
  const prisma = await openLog(t)
  const started = new Date(Date.now() - 90_000_000)
  await prisma.impersonationLog.createMany({ data: Array.from({ length: 1000 }, () => row({ ...open, sessionStartedAt: started })) })
  let [closing, most, turns] = [0, 0, 0]
  const counted = faulty(prisma, {
    updateMany: async (args, real) => {
      closing++
      return await real(args)
    }
  })
  const app = await build(t, { prisma: counted, timeout: 60_000 })
  let isOver = false
  const turn = () => {
    most = Math.max(most, closing)
    closing = 0
    turns++
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await app.ready()
  await app.impersonate.sweep()
  isOver = true
  t.ok(turns > 200, `${turns} turns`)
  t.ok(most <= 10, `${most} closed in one turn`)
  t.equal(await prisma.impersonationLog.count({ where: { sessionEndedAt: null } }), 0)
})
