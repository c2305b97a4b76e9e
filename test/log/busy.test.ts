import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient, type Transaction } from '@libsql/client'
import t, { type Test } from 'tap'
import { withFreshConnections } from '../../dist/lib/log/database/fresh-connections.js'
import { prismaLog } from '../../dist/lib/log/prisma/log.js'
import { patient } from '../../dist/lib/log/prisma/patient.js'
import { browser, build, type BuildOptions } from '../kit/build.js'
import { faulty, newFile, open, openLog, row } from '../kit/database.js'
import { migratedLog } from '../kit/migrated.js'

/** An application with the embedded log, and another connection to its file that can hold the lock. */
async function withOther (t: Test, options: BuildOptions = {}) {
  const path = newFile(t)
  writeFileSync(path, await migratedLog(), { mode: 0o600 })
  const app = await build(t, { databaseUrl: `file:${path}`, ...options })
  await app.ready()
  const other = createClient({ url: `file:${path}` })
  t.teardown(() => { other.close() })
  const sam = browser(app)
  await sam.signIn(2)
  let held: Transaction | undefined
  return {
    app,
    sam,
    lock: async () => { held = await other.transaction('write') },
    release: async () => { await held?.rollback() },
    execute: async (sql: string) => await other.execute(sql),
    reasons: async () => (await other.execute('SELECT endReason FROM ImpersonationLog ORDER BY id')).rows.map(({ endReason }) => endReason)
  }
}

/** Counts the turns of the event loop until it is asked for them. */
function countTurns (): () => number {
  let [turns, isOver] = [0, false]
  const turn = () => {
    turns++
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  return () => {
    isOver = true
    return turns
  }
}

t.test('what is written while another process holds the lock is written once that is free, and the event loop turns meanwhile', async t => {
  const { app, sam, execute, reasons, lock, release } = await withOther(t, { timeout: 60_000 })
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  const writes: Array<() => Promise<unknown>> = [
    async () => { t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200) },
    async () => { t.equal((await sam.postJson('/impersonate/4/')).statusCode, 201) },
    async () => { t.equal(await app.impersonate.sweep(), 1) }
  ]
  for (const [index, write] of writes.entries()) {
    if (index === 2) await execute('UPDATE ImpersonationLog SET expiresAt = lastSeenAt')
    await lock()
    const turns = countTurns()
    let isDone = false
    const writing = write().then(() => { isDone = true })
    await pause(1000)
    t.notOk(isDone)
    await release()
    await writing
    t.ok(turns() > 50, 'the event loop turned')
  }
  t.same(await reasons(), ['stopped', 'expired'], 'another connection sees what was answered as done')
})

t.test('who only reads does not wait', async t => {
  const { sam, lock, release } = await withOther(t, { timeout: 60_000 })
  await sam.postJson('/impersonate/3/')
  // The first use is noted before anything runs.
  await sam.getJson('/who')
  await lock()
  t.match((await sam.getJson('/who')).json(), { user: 3 })
  await release()
})

t.test('the time limit holds while another process has the lock, and what was let out is closed later', async t => {
  const { sam, reasons, lock, release } = await withOther(t, { timeout: 100 })
  await sam.postJson('/impersonate/3/')
  await lock()
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.match((await sam.getJson('/who')).json(), { user: 2 })
  t.match((await sam.postJson('/impersonate/4/')).json(), { statusCode: 503 })
  await release()
  for (let tries = 0; tries < 500 && (await reasons())[0] === null; tries++) await pause(20)
  t.equal((await reasons())[0], 'stopped')
})

t.test('a start that is written before an end which waits closes that row as what it ended as', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const ends: unknown[] = []
  const app = await build(t, { prisma: faulty(real, faults), onSessionEnd: ({ endReason }) => { ends.push(endReason) } })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  faults['updateMany'] = async () => { throw new Error('down') }
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  // Down for ends alone, as far as this start can see: it writes in a transaction.
  faults['create'] = args => {
    delete faults['updateMany']
    delete faults['create']
    return real.impersonationLog.create(Object(args))
  }
  t.equal((await sam.postJson('/impersonate/4/')).statusCode, 201)
  t.same((await real.impersonationLog.findMany({ orderBy: { id: 'asc' } })).map(({ endReason }) => endReason), ['stopped', null])
  await app.close()
  t.same(ends, ['stopped'])
})

t.test('many who write at once are tried one after the other, and each is written once', async t => {
  const { app, reasons, lock, release } = await withOther(t, { timeout: 60_000 })
  const people = await Promise.all([1, 2, 6].map(async id => {
    const someone = browser(app)
    await someone.signIn(id)
    return someone
  }))
  await lock()
  const starts = Promise.all(people.map(async someone => await someone.postJson('/impersonate/3/')))
  await pause(200)
  await release()
  t.same((await starts).map(({ statusCode }) => statusCode), [201, 201, 201])
  t.same(await reasons(), [null, null, null])
})

t.test('what another says of a write that timed out is believed where it is SQLite alone', async t => {
  const real = await openLog(t)
  const cause = (originalMessage: string) => Object.assign(new Error('Operation has timed out'), { code: 'P1008', meta: { driverAdapterError: { cause: { originalMessage } } } })
  for (const [words, isTriedAgain] of [['SQLITE_BUSY: database is locked', true], ['database is locked', true], ['read ETIMEDOUT', false]] as const) {
    const faults: Parameters<typeof faulty>[1] = {}
    const log = prismaLog(faulty(real, faults), { patience: 1000 })
    let tries = 0
    faults['create'] = async (args, original) => {
      if (++tries === 1) throw cause(words)
      return await original(args)
    }
    const adding = log.add(row())
    if (isTriedAgain) await adding
    else await t.rejects(adding, { code: 'P1008' })
    t.equal(tries, isTriedAgain ? 2 : 1, words)
  }
})

t.test('what fails otherwise behind a lock fails at once', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const log = prismaLog(faulty(real, faults), { patience: 1000 })
  let tries = 0
  faults['create'] = async () => {
    tries++
    throw Object.assign(new Error(), { code: tries === 1 ? 'P1008' : 'P1001' })
  }
  await t.rejects(log.add(row(open)), { code: 'P1001' })
  t.equal(tries, 2)
})

t.test('a connection that cannot be made fresh is refused, rather than left to keep the lock', async t => {
  for (const connection of [{}, { client: {}, onError: () => {} }, { client: { reconnect: () => {} } }]) {
    const adapter = withFreshConnections({ connect: async () => connection } as never)
    await t.rejects(adapter.connect(), { name: 'TypeError', message: 'not an adapter of @prisma/adapter-libsql' })
  }
})

t.test('what is tried again is not taken for a promise', async t => {
  const calls = await Promise.resolve(patient({ answer: async () => 42 }, 0, false))
  t.equal(await calls.answer(), 42)
})
