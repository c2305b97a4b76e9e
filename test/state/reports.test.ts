import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t, { type Test } from 'tap'
import { prismaLog } from '../../dist/lib/log/prisma/log.js'
import type { LogRow } from '../../dist/lib/log/store.js'
import { browser, build, type BuildOptions } from '../kit/build.js'
import { faulty, open, openLog, row } from '../kit/database.js'

t.setTimeout(120_000)

const START = Date.parse('2026-01-31T12:00:00Z')
const at = (seconds: number) => new Date(START + seconds * 1000)

/** A log with these rows, and applications over it whose end hooks note what they are told. */
async function scene (t: Test, rows: Array<Partial<LogRow>> = [], options: BuildOptions = {}) {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const prisma = faulty(real, faults)
  const made = rows.map(row)
  await real.impersonationLog.createMany({ data: made })
  const clock = { at: START + 3_600_000 }
  const ends: unknown[] = []
  const start = async (more: BuildOptions = {}, hook: BuildOptions = { onSessionEnd: ({ log, endReason }) => { ends.push([log.id, endReason]) } }) => {
    const app = await build(t, { prisma, now: () => clock.at, ...hook, ...options, ...more })
    await app.ready()
    return app
  }
  const signedIn = async (app: Awaited<ReturnType<typeof start>>) => {
    const sam = browser(app)
    await sam.signIn(2)
    return sam
  }
  const reported = async () => (await real.impersonationLog.findMany({ orderBy: { id: 'asc' } })).map(({ reportedAt }) => reportedAt)
  return { real, prisma, faults, clock, ends, start, signedIn, reported, id: (index: number) => made[index]?.id }
}

/** As a process leaves it that is killed before its end hooks have run, or the command line. */
const missed = { reportedAt: null, sessionEndedAt: at(60) }

t.test('an end whose hooks have not run is reported by a sweep, once', async t => {
  const { start, ends, reported, id, clock } = await scene(t, [
    missed, { ...missed, endReason: 'replaced', endedById: null, endedByName: null }, {}, { ...open, lastSeenAt: at(3599) }
  ])
  const app = await start()
  t.strictSame(ends, [[id(0), 'stopped'], [id(1), 'replaced']])
  t.strictSame(await reported(), [new Date(clock.at), new Date(clock.at), at(0), null])
  t.equal(await app.impersonate.sweep(), 0)
  await start()
  t.equal(ends.length, 2, 'nobody reports it again')
})

t.test('what such a report is given', async t => {
  const events: unknown[] = []
  const { start, id } = await scene(t, [missed])
  await start({ onSessionEnd: event => { events.push(event) } })
  t.match(events, [{
    endReason: 'stopped', request: null, impersonator: { username: 'sam' }, impersonating: { username: 'carl' }, log: { id: id(0), reportedAt: null, endedByName: 'sam' }
  }])
})

t.test('not yet is reported what has just ended, nor ever what is older than a day', async t => {
  const { start, ends, clock, id } = await scene(t, [
    { ...missed, sessionEndedAt: at(3596) }, { ...missed, sessionStartedAt: at(-90_000), sessionEndedAt: at(3600 - 86_400) }
  ])
  const app = await start()
  t.strictSame(ends, [])
  clock.at += 1000
  await app.impersonate.sweep()
  t.strictSame(ends, [[id(0), 'stopped']], '"timeout" later')
})

t.test('what the command line has ended is reported', async t => {
  const { real, start, ends, clock, id } = await scene(t, [{ ...open, lastSeenAt: at(3500) }])
  const log = prismaLog(real)
  const running = await log.findById(String(id(0)))
  t.ok(running !== null && await log.close(running, { reason: 'revoked', at: at(3590) }))
  await start()
  t.strictSame(ends, [[id(0), 'revoked']])
  t.equal(clock.at, Number((await log.findById(String(id(0))))?.reportedAt))
})

t.test('reportedAt is noted after the hooks, also of a row that is replaced', async t => {
  const { real, start, signedIn, reported, clock } = await scene(t)
  const seen: unknown[] = []
  const app = await start({ onSessionEnd: async ({ log }) => { seen.push((await real.impersonationLog.findUnique({ where: { id: log.id } }))?.reportedAt) } })
  const sam = await signedIn(app)
  await sam.postJson('/impersonate/3/')
  sam.jar.delete('impersonation')
  await sam.postJson('/impersonate/3/')
  await sam.postJson('/impersonate/stop/')
  t.strictSame(seen, [null, null])
  t.strictSame(await reported(), [new Date(clock.at), new Date(clock.at)])
})

t.test('where nobody listens it is noted with the end itself, and what was missed is noted too', async t => {
  const { faults, start, signedIn, reported, clock } = await scene(t, [missed])
  const app = await start({}, {})
  const sam = await signedIn(app)
  await sam.postJson('/impersonate/3/')
  let writes = 0
  faults['updateMany'] = async (args, original) => { writes++; return await original(args) }
  await sam.postJson('/impersonate/stop/')
  t.equal(writes, 1)
  t.strictSame(await reported(), [new Date(clock.at), new Date(clock.at)])
})

t.test('a subscriber of the channel is somebody who listens', async t => {
  const events: unknown[] = []
  const note = (event: unknown) => { events.push(event) }
  subscribe('fastify-impersonate:session-end', note)
  t.teardown(() => unsubscribe('fastify-impersonate:session-end', note))
  const { start, id } = await scene(t, [missed])
  await start({}, {})
  t.match(events, [{ log: { id: id(0) } }])
})

t.test('of several processes that sweep at once, one reports each', async t => {
  const { start, ends, id } = await scene(t, Array.from({ length: 20 }, () => missed))
  await Promise.all(Array.from({ length: 3 }, async () => { await (await start()).impersonate.sweep() }))
  t.strictSame(ends.map(String).sort(), Array.from({ length: 20 }, (unused, index) => `${id(index)},stopped`).sort())
})

t.test('what another process has claimed is left to it, until nothing came of that for "timeout"', async t => {
  const { start, ends, clock, id, reported } = await scene(t, [{ ...missed, reportedAt: new Date(-(START + 3_600_000)) }])
  const app = await start()
  t.strictSame(ends, [])
  t.strictSame((await app.impersonate.sessions.end(String(id(0))))?.reportedAt, null, 'nobody is shown a claim')
  clock.at += 5000
  await app.impersonate.sweep()
  t.strictSame(ends, [[id(0), 'stopped']])
  t.strictSame(await reported(), [new Date(clock.at)])
})

t.test('an end as of long ago, whose hooks are running, is not reported by another process', async t => {
  const { start, ends, clock, id } = await scene(t, [{ ...open, lastSeenAt: at(3599), expiresAt: at(60) }])
  const other = await start({ now: () => clock.at - 3_600_000 })
  const told: unknown[] = []
  await start({
    onSessionEnd: async ({ log }) => {
      told.push(log.id)
      clock.at += 3_601_000
      await other.impersonate.sweep()
      clock.at -= 3_601_000
    }
  })
  t.strictSame(told, [id(0)])
  t.strictSame(ends, [])
})

t.test('hooks that are slow run once in their process, however often it sweeps', async t => {
  const { start, signedIn, ends, clock } = await scene(t)
  const app = await start()
  app.impersonate.addHook('onSessionEnd', async () => {
    clock.at += 60_000
    await app.impersonate.sweep()
  })
  const sam = await signedIn(app)
  await sam.postJson('/impersonate/3/')
  await sam.postJson('/impersonate/stop/')
  t.equal(ends.length, 1)
})

t.test('where it cannot be noted, that is logged, and the hooks run again', async t => {
  const lines: string[] = []
  const { faults, start, signedIn, ends, clock, reported } = await scene(t, [], { server: { logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } } } })
  const app = await start()
  const sam = await signedIn(app)
  await sam.postJson('/impersonate/3/')
  faults['updateMany'] = async (args, original) => {
    if ('reportedAt' in Object(Reflect.get(Object(args), 'data')) && !('endReason' in Object(Reflect.get(Object(args), 'data')))) throw new Error('down')
    return await original(args)
  }
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.ok(lines.some(line => line.includes('they may run again')))
  t.strictSame(await reported(), [null])
  delete faults['updateMany']
  clock.at += 5000
  await app.impersonate.sweep()
  t.equal(ends.length, 2)
  t.strictSame(await reported(), [new Date(clock.at)])
})

t.test('an entry that is added by hand has no end to report', async t => {
  const { start, ends, clock } = await scene(t)
  const app = await start({ adminAddPermission: true, adminReadOnly: false })
  const ada = browser(app)
  await ada.signIn(1)
  const answer = await ada.postJson('/impersonate/log/', { impersonatorId: '2', impersonatingId: '3', sessionStartedAt: at(0), sessionEndedAt: at(60), reason: null })
  t.equal(answer.statusCode, 201)
  clock.at += 60_000
  await app.impersonate.sweep()
  t.strictSame(ends, [])
})

t.test('a row whose client leaves out what is null is one, and one whose reportedAt is no time is none', async t => {
  const { faults, start, signedIn } = await scene(t)
  const sam = await signedIn(await start())
  await sam.postJson('/impersonate/3/')
  faults['findUnique'] = async (args, original) => {
    const { reportedAt, ...rest } = Object(await original(args))
    return rest
  }
  t.match((await sam.getJson('/who')).json(), { user: 3 })
  faults['findUnique'] = async (args, original) => ({ ...Object(await original(args)), reportedAt: 'soon' })
  t.equal((await sam.getJson('/who')).statusCode, 503)
})
