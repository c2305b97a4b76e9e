import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import t from 'tap'
import { PrismaClient } from '../../dist/prisma/generated/sqlite/client.js'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import type { Database } from '../../dist/lib/log/database/database.js'
import { bringUpToDate } from '../../dist/lib/log/database/migrate.js'
import { browser, build } from '../kit/build.js'
import { applied } from '../kit/bundled.js'
import { newFile, openLog } from '../kit/database.js'
import { startProcess } from '../kit/processes.js'

// Processes of their own take their time on a busy machine.
t.setTimeout(180_000)

/** A database as the plugin has it, to try what happens to it. */
function sqlite (path: string): Database {
  const adapter = new PrismaLibSql({ url: `file:${path}` })
  return { provider: 'sqlite', key: path, shownAs: path, adapter, client: new PrismaClient({ adapter }) }
}

/** Adds a preloaded module that refuses to find a package. */
function without (packageName: string, code: string): string[] {
  const hooks = `export async function resolve (name, context, next) { if (name === ${JSON.stringify(packageName)}) throw Object.assign(new Error('not found'), { code: ${JSON.stringify(code)} }); return await next(name, context) }`
  const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)})`
  return ['--import', `data:text/javascript,${encodeURIComponent(register)}`]
}

t.test('the first start makes a file that only its owner can read, with the bundled migrations', async t => {
  const path = newFile(t)
  const app = await build(t, { databaseUrl: `file:${path}` })
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  await app.close()
  if (process.platform !== 'win32') t.equal(statSync(path).mode & 0o777, 0o600)
  const client = new PrismaClient({ adapter: new PrismaLibSql({ url: `file:${path}` }) })
  t.teardown(async () => { await client.$disconnect() })
  t.match(await client.$queryRaw`SELECT migration_name, rolled_back_at FROM _prisma_migrations WHERE finished_at IS NOT NULL`, applied.map(row => ({ ...row, rolled_back_at: null })))
  t.match(await client.$queryRaw`PRAGMA journal_mode`, [{ journal_mode: 'wal' }])
  t.match(await client.impersonationLog.findMany(), [{ impersonatorId: '2', impersonatingId: '3' }])
})

t.test('the second start finds what is there', async t => {
  const path = newFile(t)
  const first = await build(t, { databaseUrl: `file:${path}` })
  const sam = browser(first)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  await first.close()
  const second = await build(t, { databaseUrl: `file:${path}` })
  const ada = browser(second)
  await ada.signIn(1)
  t.match((await ada.getJson('/impersonate/log/')).json(), { logs: [{ impersonator: { id: '2' }, endReason: null }] })
})

t.test('several applications of one process may open one new file at once', async t => {
  const url = `file:${newFile(t)}`
  const apps = await Promise.all([1, 2, 3].map(async () => await build(t, { databaseUrl: url })))
  for (const [index, app] of apps.entries()) {
    const sam = browser(app)
    await sam.signIn(2)
    t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201, String(index))
  }
})

t.test('four processes may open one new file at once and start impersonations', async t => {
  const path = newFile(t)
  const answers = await Promise.all([1, 2, 3, 4].map(async () => await startProcess(`file:${path}`, 5)))
  for (const answer of answers) t.match(answer, { statuses: [201, 201, 201, 201, 201] })
  const client = await openLog(t, path)
  t.equal(await client.impersonationLog.count({ where: { sessionEndedAt: null } }), 20)
  t.match(await client.$queryRaw`SELECT count(*) AS n FROM _prisma_migrations`, [{ n: applied.length }])
})

t.test('an address that cannot be used is an error at start-up', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'impersonate-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const [what, path, message] of [['a folder that is missing', join(folder, 'missing', 'log.db'), 'ENOENT'], ['a folder', folder, 'EISDIR'], ['a device', '/dev/null', 'is no SQLite database']] as const) {
    await t.rejects(build(t, { databaseUrl: `file:${path}` }), { code: 'FST_IMPERSONATE_DATABASE', message }, what)
  }
})

t.test('a file that is no database stays as it is', async t => {
  const path = newFile(t)
  for (const content of ['name,email\nada,ada@example.com\n', 'x', 'SQLite format 3']) {
    writeFileSync(path, content)
    await t.rejects(build(t, { databaseUrl: `file:${path}` }), { code: 'FST_IMPERSONATE_DATABASE', message: 'is no SQLite database' })
    t.equal(readFileSync(path, 'utf8'), content)
  }
})

t.test('a database that starts like one but is broken is an error at start-up', async t => {
  const path = newFile(t)
  const content = Buffer.alloc(8192, 'SQLite format 3\0')
  writeFileSync(path, content)
  await t.rejects(build(t, { databaseUrl: `file:${path}` }), { code: 'FST_IMPERSONATE_DATABASE', message: 'cannot be used' })
  t.ok(readFileSync(path).equals(content))
})

t.test('a database with a migration that this version does not know stays as it is', async t => {
  const path = newFile(t)
  const { client, close } = await openEmbedded(`file:${path}`)
  await (client as PrismaClient).$executeRaw`INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count) VALUES ('x', 'x', 1, '20990101000000_newer', 1, 1)`
  await (client as PrismaClient).$queryRaw`PRAGMA wal_checkpoint(TRUNCATE)`
  await close()
  const before = readFileSync(path)
  await t.rejects(build(t, { databaseUrl: `file:${path}` }), { code: 'FST_IMPERSONATE_DATABASE', message: '"20990101000000_newer", which this version does not know' })
  t.ok(readFileSync(path).equals(before))
})

t.test('another application\'s database stays as it is', async t => {
  const path = newFile(t)
  const other = new PrismaClient({ adapter: new PrismaLibSql({ url: `file:${path}` }) })
  await other.$executeRaw`CREATE TABLE customers (id INTEGER PRIMARY KEY)`
  await other.$disconnect()
  const before = readFileSync(path)
  await t.rejects(build(t, { databaseUrl: `file:${path}` }), { code: 'FST_IMPERSONATE_DATABASE', message: 'not empty' })
  t.ok(readFileSync(path).equals(before))
})

t.test('under NODE_ENV=production a file is warned about, and what else there is is not', async t => {
  const path = newFile(t)
  const [file, elsewhere, postgresql] = await Promise.all([
    startProcess(`file:${path}`, 0, { env: { NODE_ENV: 'production' } }),
    startProcess(`file:${newFile(t)}`, 0, { env: { NODE_ENV: 'development' } }),
    startProcess('postgresql://127.0.0.1:1/none', 0, { env: { NODE_ENV: 'production' } })
  ])
  t.match(file.output, `the log is in the file ${path}`)
  t.notMatch(elsewhere.output, 'the log is in the file')
  t.notMatch(postgresql.output, 'the log is in the file')
})

t.test('a package that is not installed is named', async t => {
  const url = `file:${newFile(t)}`
  const missing = await startProcess(url, 0, { node: without('@prisma/adapter-libsql', 'ERR_MODULE_NOT_FOUND') })
  t.match(missing.error, { code: 'FST_IMPERSONATE_MISSING_PACKAGE', message: 'npm install --include=optional fastify-impersonate' })
  const binary = await startProcess(url, 0, { node: without('@prisma/adapter-libsql', 'MODULE_NOT_FOUND') })
  t.match(binary.error, { code: 'FST_IMPERSONATE_MISSING_PACKAGE', message: 'npm install --include=optional fastify-impersonate' })
  const postgresql = await startProcess('postgresql://127.0.0.1:1/none', 0, { node: without('@prisma/adapter-pg', 'ERR_MODULE_NOT_FOUND') })
  t.match(postgresql.error, { code: 'FST_IMPERSONATE_MISSING_PACKAGE', message: 'npm install @prisma/adapter-pg@7.10.0 (' })
})

t.test('a package that is broken says so itself', async t => {
  const broken = await startProcess(`file:${newFile(t)}`, 0, { node: without('@prisma/adapter-libsql', 'ERR_DLOPEN_FAILED') })
  t.match(broken.error, { code: 'ERR_DLOPEN_FAILED' })
})

t.test('a PostgreSQL that does not answer is an error at start-up that shows no password', async t => {
  const error = await build(t, { databaseUrl: 'postgresql://admin:secret@127.0.0.1:1/none' }).then(() => null, (error: Error) => error)
  t.match(error, { code: 'FST_IMPERSONATE_DATABASE', message: 'The database of fastify-impersonate (PostgreSQL) cannot be used' })
  t.notMatch(String(error), 'secret')
})

t.test('a migration that another process stands in the way of is tried again', async t => {
  const database = sqlite(newFile(t))
  t.teardown(async () => { await database.client.$disconnect() })
  let tries = 0
  const { adapter } = database
  await bringUpToDate({
    ...database,
    adapter: Object.create(adapter, {
      connect: {
        value: async () => {
          if (++tries === 1) throw new DriverAdapterError({ kind: 'SocketTimeout' })
          return await adapter.connect()
        }
      }
    })
  })
  t.ok(tries > 1)
  t.match(await database.client.$queryRawUnsafe('SELECT migration_name FROM _prisma_migrations'), applied)
})

t.test('a migration that another process has done meanwhile is done', async t => {
  const path = newFile(t)
  const database = sqlite(path)
  t.teardown(async () => { await database.client.$disconnect() })
  await bringUpToDate({
    ...database,
    adapter: Object.create(database.adapter, {
      connect: {
        value: async () => {
          await bringUpToDate({ ...database, key: `${path}-of-another-process` })
          throw new DriverAdapterError({ kind: 'SocketTimeout' })
        }
      }
    })
  })
  t.match(await database.client.$queryRawUnsafe('SELECT count(*) AS n FROM _prisma_migrations'), [{ n: applied.length }])
})

t.test('another process that is at it is waited for', async t => {
  const path = newFile(t)
  const database = sqlite(path)
  t.teardown(async () => { await database.client.$disconnect() })
  writeFileSync(`${path}-migrating`, '')
  const done = bringUpToDate(database)
  setTimeout(rmSync, 300, `${path}-migrating`)
  await done
  t.match(await database.client.$queryRawUnsafe('SELECT count(*) AS n FROM _prisma_migrations'), [{ n: applied.length }])
})

t.test('a process that died while it was at it is not waited for', async t => {
  for (const lock of ['', '{"pid":1,"host":"elsewhere","born":1}']) {
    const path = newFile(t)
    const database = sqlite(path)
    t.teardown(async () => { await database.client.$disconnect() })
    writeFileSync(`${path}-migrating`, lock)
    utimesSync(`${path}-migrating`, 0, 0)
    const from = performance.now()
    await bringUpToDate(database)
    t.ok(performance.now() - from < 5000, lock)
    t.notOk(existsSync(`${path}-migrating`))
  }
})

t.test('a folder that takes no lock is an error', async t => {
  const database = sqlite(newFile(t))
  t.teardown(async () => { await database.client.$disconnect() })
  await t.rejects(bringUpToDate({ ...database, key: '/there/is/no/such/folder/log.db' }), { code: 'ENOENT' })
})

t.test('after a migration that failed the next one in the queue is tried', async t => {
  const database = sqlite(newFile(t))
  t.teardown(async () => { await database.client.$disconnect() })
  const broken = { ...database, adapter: Object.create(database.adapter, { connect: { value: async () => { throw new Error('disk full') } } }) }
  const outcomes = await Promise.allSettled([bringUpToDate(broken), bringUpToDate(database)])
  t.match(outcomes, [{ status: 'rejected' }, { status: 'fulfilled' }])
})
