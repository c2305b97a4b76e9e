import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import Database from 'libsql'
import t, { type Test } from 'tap'
import { prismaLog } from '../../dist/lib/log/prisma/log.js'
import { browser, build, type BuildOptions } from '../kit/build.js'
import { faulty, newFile, open, openLog, row } from '../kit/database.js'
import { migratedLog } from '../kit/migrated.js'

/** An application with the embedded log, and another connection to its file that can hold the lock. */
async function withOther (t: Test, options: BuildOptions = {}) {
  const path = newFile(t)
  writeFileSync(path, await migratedLog(), { mode: 0o600 })
  const app = await build(t, { databaseUrl: `file:${path}`, ...options })
  await app.ready()
  const other = new Database(path)
  t.teardown(() => { other.close() })
  const sam = browser(app)
  await sam.signIn(2)
  return { app, sam, other, path, lock: () => { other.exec('BEGIN IMMEDIATE') }, release: () => { other.exec('ROLLBACK') } }
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
  const { app, sam, other, lock, release } = await withOther(t, { timeout: 60_000 })
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  for (const write of [() => sam.postJson('/impersonate/stop/'), () => sam.postJson('/impersonate/4/'), () => app.impersonate.sessions.list().then(() => app.impersonate.sweep())]) {
    if (write.toString().includes('sweep')) other.exec('UPDATE ImpersonationLog SET expiresAt = lastSeenAt')
    lock()
    const turns = countTurns()
    let isDone = false
    const writing = write().then(answer => { isDone = true; return answer })
    await pause(1000)
    t.notOk(isDone)
    release()
    const answer = await writing
    t.ok(turns() > 50, 'the event loop turned')
    if (typeof answer === 'object') t.ok(answer.statusCode < 300)
  }
  t.match(await other.prepare('SELECT endReason FROM ImpersonationLog ORDER BY id').all(), [{ endReason: 'stopped' }, { endReason: 'expired' }])
})

t.test('who only reads does not wait', async t => {
  const { sam, lock, release } = await withOther(t, { timeout: 60_000 })
  await sam.postJson('/impersonate/3/')
  lock()
  t.match((await sam.getJson('/who')).json(), { user: 3 })
  release()
})

t.test('the time limit holds while another process has the lock, and what was let out is closed later', async t => {
  const { sam, other, lock, release } = await withOther(t, { timeout: 100 })
  await sam.postJson('/impersonate/3/')
  lock()
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.match((await sam.getJson('/who')).json(), { user: 2 })
  t.match((await sam.postJson('/impersonate/4/')).json(), { statusCode: 503 })
  release()
  const rows = other.prepare('SELECT endReason FROM ImpersonationLog WHERE impersonatingId = 3')
  for (let tries = 0; tries < 500 && rows.all()[0]?.endReason === null; tries++) await pause(20)
  t.match(rows.all(), [{ endReason: 'stopped' }])
})

t.test('many who write at once are tried one after the other, and each is written once', async t => {
  const { app, other, lock, release } = await withOther(t, { timeout: 60_000 })
  const people = await Promise.all([1, 2, 6].map(async id => {
    const someone = browser(app)
    await someone.signIn(id)
    return someone
  }))
  lock()
  const starts = Promise.all(people.map(async someone => await someone.postJson('/impersonate/3/')))
  await pause(200)
  release()
  t.same((await starts).map(({ statusCode }) => statusCode), [201, 201, 201])
  t.equal(other.prepare('SELECT id FROM ImpersonationLog WHERE sessionEndedAt IS NULL').all().length, 3)
})

t.test('what another says of a write that timed out is believed where it is SQLite alone', async t => {
  const real = await openLog(t)
  const cause = (originalMessage: string) => Object.assign(new Error('Operation has timed out'), { code: 'P1008', meta: { driverAdapterError: { cause: { originalMessage } } } })
  for (const [words, isTriedAgain] of [['SQLITE_BUSY: database is locked', true], ['database is locked', true], ['read ETIMEDOUT', false]] as const) {
    const faults: Parameters<typeof faulty>[1] = {}
    const log = prismaLog(faulty(real, faults), 1000)
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
  const log = prismaLog(faulty(real, faults), 1000)
  let tries = 0
  faults['create'] = async () => {
    tries++
    throw Object.assign(new Error(), { code: tries === 1 ? 'P1008' : 'P1001' })
  }
  await t.rejects(log.add(row(open)), { code: 'P1001' })
  t.equal(tries, 2)
})
