import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import t from 'tap'
import type { Database } from '../../dist/lib/log/database/database.js'
import { bringUpToDate } from '../../dist/lib/log/database/migrate.js'
import { migrations, sqlOf, statementsOf } from '../kit/bundled.js'

type Rows = Array<Record<string, unknown>>

const begun = (names: string[], finished: number) => names.map(name => ({ id: name, migration_name: name, finished }))

const notThere = { provider: 'postgres', adapterName: 'none', connect: async () => { throw new DriverAdapterError({ kind: 'DatabaseNotReachable', host: 'db.example.com', port: 5432 }) }, connectToShadowDb: async () => { throw new Error('no') } } as const

/** What stands for a PostgreSQL: it tells what it was asked, and answers as told. */
function postgresql (answer: (sql: string, count: number) => Rows, more: Partial<Database> = {}) {
  const asked: string[] = []
  const queries = {
    $queryRawUnsafe: async (sql: string) => {
      asked.push(sql)
      return answer(sql, asked.length)
    }
  }
  const database: Database = {
    provider: 'postgresql', key: 'x', shownAs: 'x', adapter: notThere, client: { ...queries, $disconnect: async () => {}, $transaction: async work => { await work(queries) } }, ...more
  }
  return { database, asked }
}

const isHistory = (sql: string) => /FROM _prisma_migrations/.test(sql)

/** One in which another process is done after so many questions. */
const doneAfter = (questions: number) => postgresql((_, count) => count > questions ? begun(migrations, 1) : [])

t.test('one process at a time migrates, and those that waited find it done', async t => {
  const { database, asked } = doneAfter(3)
  t.strictSame(await bringUpToDate(database), [])
  t.match(asked, [/_prisma_migrations/, /lock_timeout/, /pg_advisory_xact_lock/, /_prisma_migrations/])
})

t.test('nothing is locked where nothing is to be done', async t => {
  const { database, asked } = doneAfter(0)
  t.strictSame(await bringUpToDate(database), [])
  t.match(asked, [/_prisma_migrations/])
  t.equal(asked.length, 1)
})

t.test('a migration that fails says why', async t => {
  await t.rejects(bringUpToDate(doneAfter(Infinity).database), { message: /db.example.com/ })
})

t.test('who waited in vain is told what for', async t => {
  const { database } = doneAfter(Infinity)
  const $transaction = async () => { throw new Error('canceling statement due to lock timeout') }
  await t.rejects(bringUpToDate({ ...database, client: { ...database.client, $transaction } }), { message: 'another process has kept it locked for 7 seconds' })
})

t.test('each migration goes to the server in one message, which it takes for one transaction', async t => {
  const scripts: string[] = []
  let open = 0
  const connection = {
    provider: 'postgres',
    adapterName: 'none',
    queryRaw: async () => ({ columnNames: [], columnTypes: [], rows: [] }),
    executeRaw: async ({ sql }: { sql: string }) => { scripts.push(sql); return 0 },
    executeScript: async () => { throw new Error('one statement after another') },
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    dispose: async () => { open-- }
  }
  const { database } = postgresql(() => [], { adapter: { ...notThere, connect: async () => { open++; return connection as never } } })
  t.strictSame(await bringUpToDate(database), migrations)
  t.strictSame(scripts.filter(sql => migrations.some(name => sqlOf('postgresql', name) === sql)), migrations.map(name => sqlOf('postgresql', name)))
  t.equal(open, 0, 'and no connection is left open')
})

t.test('what a process died over is finished behind both locks: all of it, or what is not there yet', async t => {
  const [last] = migrations.slice(-1)
  const statements = statementsOf('postgresql', [String(last)]).map(sql => sql.replace(/^--.*$/gm, '').replace(/;\s*$/, '').trim())
  for (const [isThere, does] of [[() => false, statements], [() => true, []], [(sql: string) => !sql.includes('ImpersonationPermit'), statements.filter(sql => /^CREATE.*"ImpersonationPermit/.test(sql))]] as const) {
    const { database, asked } = postgresql(sql => {
      if (isHistory(sql)) return [...begun(migrations.slice(0, -1), 1), ...begun([String(last)], 0)]
      return /^SELECT 1 AS found/.test(sql) && isThere(sql) ? [{ found: 1 }] : []
    })
    t.strictSame(await bringUpToDate(database), [last])
    t.match(asked, [/_prisma_migrations/, /lock_timeout/, 'pg_advisory_xact_lock(7276120263)', 'pg_advisory_xact_lock(72707369)'])
    t.strictSame(asked.slice(5, -1).filter(sql => !/^SELECT 1 AS found/.test(sql)), does)
    t.match(asked.at(-1), `UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1, logs = NULL WHERE finished_at IS NULL AND migration_name = '${last}'`)
  }
})

t.test('the schema of the address is made behind the lock where it is missing, and not asked for the right to where it is there', async t => {
  const schema = 'it\'s "ours"'
  for (const isThere of [false, true]) {
    const { database, asked } = postgresql(sql => isHistory(sql) ? begun(migrations, 1) : /pg_namespace/.test(sql) && isThere ? [{ found: 1 }] : [], { schema })
    await bringUpToDate(database)
    t.equal(asked[0], 'SELECT 1 AS found FROM pg_namespace WHERE nspname = \'it\'\'s "ours"\'')
    t.match(asked.slice(1), isThere ? [/_prisma_migrations/] : [/lock_timeout/, 'pg_advisory_xact_lock(7276120263)', 'CREATE SCHEMA IF NOT EXISTS "it\'s ""ours"""', /_prisma_migrations/])
    t.equal(asked.length, isThere ? 2 : 5)
  }
})
