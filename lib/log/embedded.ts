import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { FST_IMPERSONATE_DATABASE, FST_IMPERSONATE_MISSING_PACKAGE } from '../errors.js'
import { bringUpToDate, type Database } from './migrate.js'

/** A PrismaClient of the plugin's own, with its lifetime. */
export interface EmbeddedDatabase {
  client: object
  /** What to call it in messages: no password. */
  shownAs: string
  /** The migrations that this opening applied. */
  applied: string[]
  close (): Promise<void>
}

/** SQLite's wait for another process; libsql may block the event loop meanwhile, so it stays below the plugin's `timeout`. */
const BUSY_TIMEOUT = 2000

/** What `npm install` takes where the optional dependencies are missing, in the versions that fit. */
const BUNDLED = '--include=optional fastify-impersonate'

/**
 * Opens the database at this address and applies the bundled migrations that it lacks. Nothing of Prisma is loaded before.
 *
 * @throws FST_IMPERSONATE_DATABASE where it cannot be opened or is not one of this version's
 * @throws FST_IMPERSONATE_MISSING_PACKAGE
 */
export async function openEmbedded (url: string): Promise<EmbeddedDatabase> {
  const database = await connect(url)
  const { client, provider, shownAs } = database
  try {
    const applied = await bringUpToDate(database)
    if (provider === 'sqlite') await client.$queryRawUnsafe('PRAGMA journal_mode = WAL')
    return { client, shownAs, applied, close: async () => { await client.$disconnect() } }
  } catch (cause) {
    await client.$disconnect()
    throw new FST_IMPERSONATE_DATABASE(`The database of fastify-impersonate (${shownAs}) cannot be used: ${fieldOf(cause, 'message')}`, { cause })
  }
}

/** A client of the database at this address, whatever is in it; an SQLite file is made where it is missing. */
export async function connect (url: string): Promise<Database> {
  return url.startsWith('file:') ? await openSqlite(resolve(url.slice('file:'.length))) : await openPostgresql(url)
}

async function openSqlite (path: string): Promise<Database> {
  checkFile(path)
  const [{ PrismaLibSql }, { PrismaClient }] = await Promise.all([
    load(BUNDLED, async () => await import('@prisma/adapter-libsql')),
    load(BUNDLED, async () => await import('../../prisma/generated/sqlite/client.js'))
  ])
  const adapter = new PrismaLibSql({ url: `file:${path}`, timeout: BUSY_TIMEOUT })
  return { provider: 'sqlite', key: path, shownAs: path, adapter, client: new PrismaClient({ adapter }) }
}

async function openPostgresql (url: string): Promise<Database> {
  const [{ PrismaPg }, { PrismaClient }] = await Promise.all([
    load('@prisma/adapter-pg@7', async () => await import('@prisma/adapter-pg')),
    load(BUNDLED, async () => await import('../../prisma/generated/postgresql/client.js'))
  ])
  const adapter = new PrismaPg({ connectionString: url })
  return { provider: 'postgresql', key: url, shownAs: 'PostgreSQL', adapter, client: new PrismaClient({ adapter }) }
}

/** The file is made here, so that only its owner can read it; one that is no database is left as it is. */
function checkFile (path: string): void {
  let file
  try {
    file = openSync(path, 'a+', 0o600)
  } catch (cause) {
    throw new FST_IMPERSONATE_DATABASE(`The database of fastify-impersonate (${path}) cannot be opened for writing (${fieldOf(cause, 'code')}): give "databaseUrl" a file in a folder that exists and can be written`, { cause })
  }
  try {
    const head = Buffer.alloc(16)
    const length = readSync(file, head, 0, 16, 0)
    if (!fstatSync(file).isFile() || (length > 0 && head.toString('latin1', 0, length) !== 'SQLite format 3\0')) {
      throw new FST_IMPERSONATE_DATABASE(`The database of fastify-impersonate (${path}) is no SQLite database: it was left as it is`)
    }
  } finally {
    closeSync(file)
  }
}

async function load<Module> (packages: string, importing: () => Promise<Module>): Promise<Module> {
  try {
    return await importing()
  } catch (cause) {
    // Without ERR_ it is a native binary, which is a package of its own for each platform.
    if (/^(ERR_)?MODULE_NOT_FOUND$/.test(fieldOf(cause, 'code'))) throw new FST_IMPERSONATE_MISSING_PACKAGE(packages, ', or "disableLogging"')
    throw cause
  }
}

function fieldOf (error: unknown, name: 'code' | 'message'): string {
  return String(Reflect.get(Object(error), name))
}
