import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'

/** A database of the plugin's own. */
export interface Database {
  provider: 'sqlite' | 'postgresql'
  /** The same for the same database. */
  key: string
  /** What to call it in messages: no password. */
  shownAs: string
  adapter: SqlMigrationAwareDriverAdapterFactory
  client: {
    $queryRawUnsafe (sql: string): PromiseLike<unknown>
    $disconnect (): PromiseLike<void>
    $transaction (work: (tx: { $queryRawUnsafe (sql: string): PromiseLike<unknown> }) => Promise<void>, options: { timeout: number, maxWait: number }): Promise<void>
  }
}

const require = createRequire(import.meta.url)
const LONGEST = 60_000

/** Two migrations of one file at once in one process lock each other out, so they queue up here. */
const queues = new Map<string, Promise<void>>()

/** Applies the bundled migrations that this database lacks, by Prisma's own engine, into Prisma's own table. */
export async function bringUpToDate (database: Database): Promise<void> {
  const before = queues.get(database.key) ?? Promise.resolve()
  const mine = before.catch(() => {}).then(async () => { await migrate(database) })
  queues.set(database.key, mine)
  try {
    await mine
  } finally {
    if (queues.get(database.key) === mine) queues.delete(database.key)
  }
}

async function migrate (database: Database): Promise<void> {
  const { provider, client } = database
  const bundled = readBundled(provider)
  if (await isComplete(database, bundled)) return
  if (provider === 'postgresql') {
    // One process at a time. The number is any that other applications will not take.
    await client.$transaction(async tx => {
      await tx.$queryRawUnsafe('SELECT pg_advisory_xact_lock(7276120263)::text')
      if (!await isComplete(database, bundled)) await apply(database, bundled)
    }, { timeout: LONGEST, maxWait: LONGEST })
    return
  }
  for (let tries = 1; ; tries++) {
    try {
      await apply(database, bundled)
      return
    } catch (error) {
      // Another process may be at it: SQLite has no lock that waits.
      await pause(100 * Math.random() * tries)
      if (await isComplete(database, bundled)) return
      if (tries === 20 || !/locked|busy|already exists|P1008/i.test(String(error))) throw error
    }
  }
}

interface Migration { name: string, sql: string }

function readBundled (provider: string): Migration[] {
  const folder = join(dirname(require.resolve(`#prisma/${provider}/schema.prisma`)), 'migrations')
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => a.name < b.name ? -1 : 1)
}

/** Whether every bundled migration is in. Refuses a database that has others. */
async function isComplete ({ client }: Database, bundled: Migration[]): Promise<boolean> {
  const applied = await readApplied(client)
  const known = new Set(bundled.map(({ name }) => name))
  const foreign = applied.find(name => !known.has(name))
  if (foreign !== undefined) {
    throw new Error(`it has the migration "${foreign}", which this version does not know. Either a newer version has been here, or it is another application's database: give that one's PrismaClient as the option "prisma"`)
  }
  return applied.length === bundled.length
}

async function readApplied (client: Database['client']): Promise<string[]> {
  try {
    const rows = await client.$queryRawUnsafe('SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL')
    return Array.isArray(rows) ? rows.map((row: { migration_name: string }) => row.migration_name) : []
  } catch (error) {
    if (/_prisma_migrations/.test(String(error)) && /no such table|does not exist/i.test(String(error))) return []
    throw error
  }
}

async function apply (database: Database, bundled: Migration[]): Promise<void> {
  const { provider, adapter } = database
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils')
  const SchemaEngine = await loadEngine()

  // The engine's free() leaves its connection and, on SQLite, its lock: keep hold of what it opens.
  const opened: Array<{ dispose (): Promise<void> }> = []
  const factory = bindMigrationAwareSqlAdapterFactory({
    ...adapter,
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    connectToShadowDb: async () => await adapter.connectToShadowDb(),
    connect: async () => {
      const connection = await adapter.connect()
      opened.push(connection)
      return connection
    }
  })
  const schema = readFileSync(require.resolve(`#prisma/${provider}/schema.prisma`), 'utf8')
  const lockfile = readFileSync(require.resolve(`#prisma/${provider}/migrations/migration_lock.toml`), 'utf8')
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, factory)
  try {
    await engine.applyMigrations({
      migrationsList: {
        baseDir: 'migrations',
        lockfile: { path: 'migration_lock.toml', content: lockfile },
        migrationDirectories: bundled.map(({ name, sql }) => ({
          path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } }
        })),
        shadowDbInitScript: ''
      },
      filters: { externalTables: [], externalEnums: [] }
    })
  } finally {
    engine.free()
    await Promise.all(opened.map(async connection => { await connection.dispose() }))
  }
}

/** What is used of Prisma's schema engine. */
interface SchemaEngine {
  applyMigrations (input: object): Promise<unknown>
  free (): void
}

interface SchemaEngineClass {
  new: (options: object, log: () => void, factory: object) => Promise<SchemaEngine>
}

let engineLoaded: Promise<SchemaEngineClass> | undefined

/** Once a process: instantiating it twice at the same time kills the process. Node 20 cannot import the .wasm itself. */
async function loadEngine (): Promise<SchemaEngineClass> {
  engineLoaded ??= instantiate()
  return await engineLoaded
}

async function instantiate (): Promise<SchemaEngineClass> {
  const home = dirname(require.resolve('@prisma/schema-engine-wasm'))
  const engine = await import(pathToFileURL(join(home, 'schema_engine_bg.js')).href)
  // By name, because the type of WebAssembly comes with the browser's types alone.
  const { instance } = await Reflect.get(globalThis, 'WebAssembly').instantiate(readFileSync(join(home, 'schema_engine_bg.wasm')), { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return engine.SchemaEngine
}
