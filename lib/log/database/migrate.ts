import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { field } from '../../is.js'
import { readBundled, type Migration } from './bundled.js'
import type { Database, Queries } from './database.js'
import { apply, loadEngine } from './engine.js'
import { finish } from './finish.js'
import { readHistory, type History } from './history.js'
import { holderOf, takeLock } from './lock.js'

/** Milliseconds that another process is waited for: Fastify gives a plugin ten seconds. */
const PATIENCE = 7000

/** For a log of many millions of rows. Waiting is over long before that. */
const LONGEST = 600_000

/**
 * Advisory locks of PostgreSQL: our own, whose number is any that others will not take, and that of Prisma's engine.
 */
const OWN_LOCK = '7276120263'
const PRISMAS_LOCK = '72707369'

/** Two migrations of one file at once in one process lock each other out, so they queue up here. */
const queues = new Map<string, Promise<unknown>>()

/**
 * Applies the bundled migrations that this database lacks, by Prisma's own engine, into Prisma's own table, and
 * finishes those that a process died over. Resolves to the names of what it has done.
 */
export async function bringUpToDate (database: Database): Promise<string[]> {
  const before = queues.get(database.key) ?? Promise.resolve()
  const mine = before.catch(() => {}).then(() => migrate(database))
  queues.set(database.key, mine)
  try {
    return await mine
  } finally {
    if (queues.get(database.key) === mine) queues.delete(database.key)
  }
}

async function migrate (database: Database): Promise<string[]> {
  const bundled = readBundled(database.provider)
  const until = performance.now() + PATIENCE
  return database.provider === 'sqlite' ? await migrateFile(database, bundled, until) : await migrateServer(database, bundled, until)
}

async function migrateServer (database: Database, bundled: Migration[], until: number): Promise<string[]> {
  const { client, provider, schema } = database
  const done = new Set<string>()

  async function locked (locks: string[], work: (tx: Queries) => Promise<void>): Promise<void> {
    await client.$transaction(async tx => {
      await tx.$queryRawUnsafe(`SET LOCAL lock_timeout = ${Math.ceil(Math.max(1, until - performance.now()))}`)
      for (const lock of locks) await tx.$queryRawUnsafe(`SELECT pg_advisory_xact_lock(${lock})::text`)
      await work(tx)
    }, { timeout: LONGEST, maxWait: LONGEST }).catch(error => {
      if (!/lock timeout/.test(String(error))) throw error
      throw new Error(`another process has kept it locked for ${PATIENCE / 1000} seconds. It may be migrating it: start again when it is done, or end it`, { cause: error })
    })
  }

  if (schema !== undefined && !await hasSchema(client, schema)) {
    await locked([OWN_LOCK], async tx => {
      await tx.$queryRawUnsafe(`CREATE SCHEMA IF NOT EXISTS "${schema.replaceAll('"', '""')}"`)
    })
  }
  const before = await readHistory(client, bundled)
  // In two transactions, as the engine has a connection of its own and sees only what is committed.
  if (before.unfinished.length > 0) {
    await locked([OWN_LOCK, PRISMAS_LOCK], async tx => {
      const { unfinished } = await readHistory(tx, bundled)
      await finish(tx, provider, bundled, unfinished)
      for (const { name } of unfinished) done.add(name)
    })
  }
  if (before.missing.length > 0) {
    await loadEngine()
    await locked([OWN_LOCK], async tx => {
      const { missing } = await readHistory(tx, bundled)
      if (missing.length > 0) await apply(database, bundled)
      for (const name of missing) done.add(name)
    })
  }
  return [...done]
}

/** To ask for it alone needs no right to make it. */
async function hasSchema (client: Queries, schema: string): Promise<boolean> {
  const rows = await client.$queryRawUnsafe(`SELECT 1 AS found FROM pg_namespace WHERE nspname = '${schema.replaceAll("'", "''")}'`)
  return rows.length > 0
}

async function migrateFile (database: Database, bundled: Migration[], until: number): Promise<string[]> {
  const lock = `${database.key}-migrating`
  const applied: string[] = []
  for (let tries = 1; ; tries++) {
    const isDone = await tryFile(database, bundled, lock).then(async names => {
      applied.push(...names ?? [])
      // From then on, whoever reads waits for no writer. Not before, as the file may be another application's.
      if (names !== null) await database.client.$queryRawUnsafe('PRAGMA journal_mode = WAL')
      return names !== null
    }).catch(error => {
      if (performance.now() > until || !isPassing(error)) throw error
      return false
    })
    if (isDone) return applied
    if (performance.now() > until) {
      throw new Error(`${holderOf(lock)} has been migrating it for ${PATIENCE / 1000} seconds. Start again when it is done; if nothing is at it any more, delete the file ${lock}`)
    }
    await pause(50 * Math.random() * Math.min(tries, 20))
  }
}

/** What it has done; null where another process is at it. */
async function tryFile (database: Database, bundled: Migration[], lock: string): Promise<string[] | null> {
  const { client, provider } = database
  if (namesOf(await readHistory(client, bundled)).length === 0) return []
  // Before the lock, as others wait for that and loading takes seconds on a busy machine.
  await loadEngine()
  if (!takeLock(lock)) return null
  try {
    const history = await readHistory(client, bundled)
    if (history.unfinished.length > 0) {
      await client.$transaction(async tx => {
        await finish(tx, provider, bundled, history.unfinished)
      }, { timeout: LONGEST, maxWait: LONGEST })
    }
    if (history.missing.length > 0) await apply(database, bundled)
    return namesOf(history)
  } finally {
    rmSync(lock, { force: true })
  }
}

function namesOf ({ unfinished, missing }: History): string[] {
  return [...new Set([...unfinished.map(({ name }) => name), ...missing])]
}

/** The application itself may be busy with the file. P1008 and, of the engine, SocketTimeout: it was busy. */
function isPassing (error: unknown): boolean {
  return /P1008|P3009|SocketTimeout|SQLITE_BUSY|database is locked|already exists/.test(`${String(field(error, 'code'))} ${String(error)}`)
}
