import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
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
  client: Queries & {
    $disconnect (): PromiseLike<void>
    $transaction (work: (tx: Queries) => Promise<void>, options: { timeout: number, maxWait: number }): Promise<void>
  }
}

interface Queries {
  $queryRawUnsafe (sql: string): PromiseLike<Array<{ migration_name: string }>>
}

const require = createRequire(import.meta.url)
const LONGEST = 60_000
const MOST_TRIES = 20
const LOCK_LIFETIME = 20_000

/** Two migrations of one file at once in one process lock each other out, so they queue up here. */
const queues = new Map<string, Promise<unknown>>()

/**
 * Applies the bundled migrations that this database lacks, by Prisma's own engine, into Prisma's own table; resolves to
 * their names.
 */
export async function bringUpToDate (database: Database): Promise<string[]> {
  const before = queues.get(database.key) ?? Promise.resolve()
  const mine = before.catch(() => {}).then(async () => await migrate(database))
  queues.set(database.key, mine)
  try {
    return await mine
  } finally {
    if (queues.get(database.key) === mine) queues.delete(database.key)
  }
}

async function migrate (database: Database): Promise<string[]> {
  const { provider, client } = database
  const bundled = readBundled(provider)
  if (provider === 'postgresql') {
    let missing = await missingIn(database, bundled)
    if (missing.length === 0) return []
    // One process at a time. The number is any that other applications will not take.
    await client.$transaction(async tx => {
      await tx.$queryRawUnsafe('SELECT pg_advisory_xact_lock(7276120263)::text')
      missing = await missingIn(database, bundled)
      if (missing.length > 0) await apply(database, bundled)
    }, { timeout: LONGEST, maxWait: LONGEST })
    return missing
  }
  for (let tries = 1; ; tries++) {
    const applied = await tryToMigrate(database, bundled).catch(error => {
      if (tries >= MOST_TRIES || !isPassing(error)) throw error
      return null
    })
    if (applied !== null) return applied
    await pause(50 * Math.random() * Math.min(tries, MOST_TRIES))
  }
}

/** What it has applied; null where another process is at it. */
async function tryToMigrate (database: Database, bundled: Migration[]): Promise<string[] | null> {
  const missing = await missingIn(database, bundled)
  if (missing.length === 0) return []
  const lock = `${database.key}-migrating`
  if (!takeLock(lock)) return null
  await apply(database, bundled).finally(() => { rmSync(lock) })
  return missing
}

/** Prisma's engine has a lock on PostgreSQL only; here a file is one. That of a process which died is removed after a while. */
function takeLock (path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600))
    return true
  } catch (error) {
    if (Reflect.get(Object(error), 'code') !== 'EEXIST') throw error
    const lock = statSync(path, { throwIfNoEntry: false })
    if (lock !== undefined && Date.now() - lock.mtimeMs > LOCK_LIFETIME) rmSync(path, { force: true })
    return false
  }
}

/** The application itself may be busy with the file. P1008 and, of the engine, SocketTimeout: it was busy. P3009: a migration is not finished yet. */
function isPassing (error: unknown): boolean {
  return /P1008|P3009|SocketTimeout|SQLITE_BUSY|database is locked|already exists/.test(`${String(Reflect.get(Object(error), 'code'))} ${String(error)}`)
}

interface Migration { name: string, sql: string }

function readBundled (provider: string): Migration[] {
  const folder = join(dirname(require.resolve(`#prisma/${provider}/schema.prisma`)), 'migrations')
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map(name => ({ name, sql: readFileSync(join(folder, name, 'migration.sql'), 'utf8') }))
}

/** Which bundled migrations are not in. Refuses a database that has others. */
async function missingIn ({ client }: Database, bundled: Migration[]): Promise<string[]> {
  const applied = await readApplied(client)
  const known = new Set(bundled.map(({ name }) => name))
  const foreign = applied.find(name => !known.has(name))
  if (foreign !== undefined) {
    throw new Error(`it has the migration "${foreign}", which this version does not know. Either a newer version has been here, or it is another application's database: give that one's PrismaClient as the option "prisma"`)
  }
  return bundled.map(({ name }) => name).filter(name => !applied.includes(name))
}

async function readApplied (client: Database['client']): Promise<string[]> {
  try {
    const rows = await client.$queryRawUnsafe('SELECT migration_name FROM _prisma_migrations WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL')
    return rows.map(row => row.migration_name)
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
  const keeping: SqlMigrationAwareDriverAdapterFactory = Object.create(adapter, {
    connect: {
      value: async () => {
        const connection = await adapter.connect()
        opened.push(connection)
        return connection
      }
    }
  })
  const factory = bindMigrationAwareSqlAdapterFactory(keeping)
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
