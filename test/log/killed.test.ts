import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaPg } from '@prisma/adapter-pg'
import { spawn } from 'node:child_process'
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import t, { type Test } from 'tap'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import { PrismaClient as PostgresClient } from '../../dist/prisma/generated/postgresql/client.js'
import { PrismaClient as SqliteClient } from '../../dist/prisma/generated/sqlite/client.js'
import { build } from '../kit/build.js'
import { applied, historyOf, migrations, older, statementsOf, type Provider } from '../kit/bundled.js'
import { newFile } from '../kit/database.js'
import { needsPostgresql, newDatabase } from '../kit/postgres.js'
import { startProcess } from '../kit/processes.js'

// Processes of their own take their time on a busy machine.
t.setTimeout(240_000)

type Queries = Pick<SqliteClient, '$queryRawUnsafe' | '$executeRawUnsafe' | '$disconnect'>

interface Place { url: string, provider: Provider, queries: Queries, empty: () => Promise<void> }

const SHAPE = {
  sqlite: 'SELECT type, name, sql FROM sqlite_master WHERE name LIKE \'Impersonation%\' ORDER BY name',
  postgresql: `SELECT table_name || '.' || column_name || ' ' || data_type AS name FROM information_schema.columns WHERE table_name LIKE 'Impersonation%'
    UNION SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'Impersonation%' ORDER BY 1`
}

const ROW = `INSERT INTO "ImpersonationLog" ("id", "sessionKey", "impersonatorId", "impersonatorName", "impersonatingId", "impersonatingName", "sessionStartedAt", "lastSeenAt", "sessionEndedAt", "endReason")
  VALUES ('open', 'open', '2', 'sam', '3', 'carl', '2026-01-31 12:00:00.000', '2026-01-31 12:30:00.000', NULL, NULL),
  ('ended', 'ended', '2', 'sam', '3', 'carl', '2026-01-31 12:00:00.000', '2026-01-31 12:30:00.000', '2026-01-31 12:30:00.000', 'stopped')`

async function sqlite (t: Test): Promise<Place> {
  const url = `file:${newFile(t)}`
  const queries = new SqliteClient({ adapter: new PrismaLibSql({ url }) })
  t.teardown(async () => { await queries.$disconnect() })
  return {
    url,
    provider: 'sqlite',
    queries,
    empty: async () => {
      for (const name of ['ImpersonationLog', 'ImpersonationEvent', 'ImpersonationPermit', '_prisma_migrations']) await queries.$executeRawUnsafe(`DROP TABLE IF EXISTS "${name}"`)
    }
  }
}

async function postgresql (t: Test): Promise<Place> {
  const url = await newDatabase(t)
  const queries = new PostgresClient({ adapter: new PrismaPg({ connectionString: url }) }) as Queries
  t.teardown(async () => { await queries.$disconnect() })
  return {
    url,
    provider: 'postgresql',
    queries,
    empty: async () => {
      await queries.$executeRawUnsafe('DROP SCHEMA public CASCADE')
      await queries.$executeRawUnsafe('CREATE SCHEMA public')
    }
  }
}

/** Opens it, and tells what it has then. */
async function opened ({ url, provider, queries }: Place) {
  const { applied, close } = await openEmbedded(url)
  await close()
  return {
    applied,
    shape: await queries.$queryRawUnsafe(SHAPE[provider]),
    names: await queries.$queryRawUnsafe('SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1')
  }
}

for (const { name, make, skip } of [{ name: 'SQLite', make: sqlite, skip: false as string | false }, { name: 'PostgreSQL', make: postgresql, ...await needsPostgresql() }]) {
  t.test(`a start on ${name} finishes what one that was killed had begun, wherever that was`, { skip }, async t => {
    const place = await make(t)
    const { provider, queries } = place
    const whole = await opened(place)
    t.strictSame(whole.names, applied)

    for (const [index, migration] of migrations.entries()) {
      const before = migrations.slice(0, index)
      const statements = statementsOf(provider, [migration])
      for (let done = 0; done <= statements.length; done++) {
        await place.empty()
        for (const sql of [...historyOf(provider, before), ...statementsOf(provider, before)]) await queries.$executeRawUnsafe(sql)
        if (index === older.length) await queries.$executeRawUnsafe(ROW)
        await queries.$executeRawUnsafe(`INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES ('begun', 'x', '${migration}', CURRENT_TIMESTAMP)`)
        for (const sql of statements.slice(0, done)) await queries.$executeRawUnsafe(sql)

        const now = await opened(place)
        const where = `${migration}, after ${done} of ${statements.length}`
        t.strictSame({ shape: now.shape, names: now.names }, { shape: whole.shape, names: whole.names }, where)
        t.strictSame(now.applied, migrations.slice(index))
        if (index === older.length) {
          t.match(await queries.$queryRawUnsafe('SELECT "id", "endReason" FROM "ImpersonationLog" ORDER BY "id" DESC'), [
            { id: 'open', endReason: 'aborted' }, { id: 'ended', endReason: 'stopped' }
          ])
          // Between the change of the rows and what follows it, only Prisma's command line on SQLite can be killed: the rest is one transaction.
          if (!String(statements[done - 1]).includes('UPDATE')) t.strictSame(await queries.$queryRawUnsafe('SELECT "id" FROM "ImpersonationLog" WHERE "reportedAt" IS NULL'), [{ id: 'open' }], where)
        }
      }
    }
    t.strictSame((await opened(place)).applied, [])
  })
}

/** Adds a preloaded module that kills the process at its n-th statement. */
function killedAt (n: number): string[] {
  const code = `
    import { createRequire } from 'node:module'
    const require = createRequire(${JSON.stringify(import.meta.url)})
    let left = ${n}
    const wrap = (prototype, names) => {
      for (const name of names) {
        const real = prototype[name]
        prototype[name] = function (...args) { if (--left === 0) process.kill(process.pid, 'SIGKILL'); return real.apply(this, args) }
      }
    }
    wrap(require('libsql').prototype, ['exec', 'prepare'])
    wrap(require('pg').Client.prototype, ['query'])`
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`]
}

for (const { name, place, skip } of [
  { name: 'SQLite', place: async (t: Test) => `file:${newFile(t)}`, skip: false as string | false },
  { name: 'PostgreSQL', place: newDatabase, ...await needsPostgresql() }
]) {
  t.test(`kill -9 during the first starts on ${name} is made up for by the next`, { skip }, async t => {
    const url = await place(t)
    let killed = 0
    for (const n of [4, 8, 10, 12]) await startProcess(url, 0, { node: killedAt(n) }).catch(() => { killed++ })
    t.ok(killed > 1, `${killed} were killed`)
    const from = Date.now()
    t.match(await startProcess(url, 2), { statuses: [201, 201] })
    t.ok(Date.now() - from < 60_000)
  })
}

const lockOf = (pid: number, { host = os.hostname(), born = 1 } = {}) => JSON.stringify({ pid, host, born })

t.test('the lock of a process that is dead is taken at once', async t => {
  const { pid } = spawn(process.execPath, ['--version'], { stdio: 'ignore' }).once('error', () => {})
  await new Promise(resolve => setTimeout(resolve, 2000))
  for (const [what, lock] of [['it is gone', lockOf(Number(pid))], ['its number is ours, of a start before', lockOf(process.pid)]] as const) {
    const path = newFile(t)
    writeFileSync(`${path}-migrating`, lock)
    const from = performance.now()
    const { close } = await openEmbedded(`file:${path}`)
    await close()
    t.ok(performance.now() - from < 5000, what)
    t.notOk(existsSync(`${path}-migrating`))
  }
})

t.test('the lock of one that lives is waited for, not as long as Fastify would, and the error names the file and the cure', async t => {
  for (const [lock, who] of [[lockOf(process.ppid), `process ${process.ppid} on ${os.hostname()}`], [lockOf(1, { host: 'elsewhere' }), 'process 1 on elsewhere']] as const) {
    const path = newFile(t)
    writeFileSync(`${path}-migrating`, lock)
    await t.rejects(build(t, { databaseUrl: `file:${path}` }), {
      code: 'FST_IMPERSONATE_DATABASE', message: `${who} has been migrating it for 7 seconds. Start again when it is done; if nothing is at it any more, delete the file ${path}-migrating`
    })
    rmSync(`${path}-migrating`)
  }
})

t.test('a lock of which nothing can be said is waited for as well', async t => {
  const path = newFile(t)
  symlinkSync('/nowhere/at/all', `${path}-migrating`)
  t.teardown(() => { rmSync(`${path}-migrating`) })
  await t.rejects(openEmbedded(`file:${path}`), { message: 'another process has been migrating it' })
})

t.test('a process that may not be asked is there', async t => {
  const path = newFile(t)
  writeFileSync(`${path}-migrating`, lockOf(1))
  t.intercept(process, 'kill', { value: () => { throw Object.assign(new Error('not permitted'), { code: 'EPERM' }) } })
  await t.rejects(openEmbedded(`file:${path}`), { message: 'process 1 on' })
  rmSync(`${path}-migrating`)
})

t.test('on PostgreSQL too, one that lives is waited for no longer than that', await needsPostgresql(), async t => {
  const { url, queries } = await postgresql(t)
  const pool = queries as PostgresClient
  let release = () => {}
  const held = pool.$transaction(async tx => {
    await tx.$queryRawUnsafe('SELECT pg_advisory_xact_lock(7276120263)::text')
    await new Promise<void>(resolve => { release = resolve })
  }, { timeout: 60_000 })
  await t.rejects(build(t, { databaseUrl: url }), { code: 'FST_IMPERSONATE_DATABASE', message: 'another process has kept it locked for 7 seconds' })
  release()
  await held
  await build(t, { databaseUrl: url })
})
