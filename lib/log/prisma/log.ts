import { setTimeout as pause } from 'node:timers/promises'
import { batched } from '../../batch.js'
import { FST_IMPERSONATE_ALREADY_ACTIVE } from '../../errors.js'
import { hasMethods, nullIfUnfit } from '../../is.js'
import { copyOf } from '../../users/copy.js'
import { endedAs, isLogRow, type LogRow, type LogStore } from '../store.js'
import { rememberImpersonators } from './impersonators.js'
import { listRows, rowsAfter, type LogReads } from './pages.js'

/** What the log uses of a PrismaClient. */
interface LogClient {
  impersonationLog: LogReads & {
    findUnique (args: object): PromiseLike<unknown>
    create (args: object): PromiseLike<unknown>
    updateMany (args: object): PromiseLike<{ count: number }>
    deleteMany (args: object): PromiseLike<{ count: number }>
  }
  $transaction (steps: Array<PromiseLike<unknown>>): Promise<unknown[]>
}

/** Starts of one sign-in that arrive at once push one another out; the most seen was ten tries for one of fifty. */
const MOST_TRIES = 30

/** P2002: another start was first. P2034: a write conflict. P1008: SQLite was busy. Each passes. */
const PASSING = new Set(['P2002', 'P2034', 'P1008'])

/**
 * The rows of `ImpersonationLog`, by Prisma. What is found by a key is compared again, as MySQL and MariaDB take texts that
 * differ in case alone for the same.
 */
export function prismaLog (client: object): LogStore {
  if (!isLogClient(client)) throw new TypeError('not a PrismaClient with impersonationLog')
  const { impersonationLog: log } = client
  const transact = async (steps: Array<PromiseLike<unknown>>) => await client.$transaction(steps)
  const findByKey = batched<string, unknown>({
    one: async sessionKey => await log.findUnique({ where: { sessionKey } }),
    async many (keys) {
      const rows = await log.findMany({ where: { sessionKey: { in: keys } } })
      return new Map(rows.map(row => [String(Reflect.get(Object(row), 'sessionKey')), row]))
    },
    copy: copyOf
  })

  const impersonators = rememberImpersonators(log)

  async function insert (row: LogRow): Promise<null> {
    await log.create({ data: row, select: { id: true } })
    return null
  }

  /** Null where a stop or a colleague was first since it was read: then the end is theirs. */
  async function replace (open: LogRow, ended: ReturnType<typeof endedAs>, row: LogRow): Promise<LogRow | null> {
    const [closed] = await transact([
      log.updateMany({ where: { id: open.id, sessionEndedAt: null }, data: ended }),
      log.create({ data: row, select: { id: true } })
    ])
    return Reflect.get(Object(closed), 'count') === 1 ? { ...open, ...ended } : null
  }

  return {
    async findByKey (sessionKey) {
      const row = rowOrNull(await findByKey(sessionKey))
      return row?.sessionKey === sessionKey ? row : null
    },

    async findById (id) {
      // Not findUnique: of several in one turn Prisma makes one query, which an id that is none would fail for all.
      const [found] = await nullIfUnfit(log.findMany({ where: { id }, take: 1 })) ?? []
      const row = rowOrNull(found ?? null)
      return row?.id === id ? row : null
    },

    async open (row, endingOf) {
      // Hardly ever is there a row to replace, and then one insert is all; where there is, it is in the insert's way.
      let open: LogRow | null = null
      for (let tries = 1; tries <= MOST_TRIES; tries++) {
        try {
          return open === null ? await insert(row) : await replace(open, endedAs(endingOf(open)), row)
        } catch (error) {
          if (!PASSING.has(codeOf(error))) throw error
          if (tries > 1) await pause(Math.random() * 5 * tries)
          open = rowOrNull(await log.findUnique({ where: { openKey: row.openKey } }))
        }
      }
      throw new FST_IMPERSONATE_ALREADY_ACTIVE()
    },

    async close (sessionKey, ending, lastSeenAt) {
      const unseen = lastSeenAt === undefined ? {} : { lastSeenAt }
      const { count } = await log.updateMany({ where: { sessionKey, sessionEndedAt: null, ...unseen }, data: endedAs(ending) })
      return count === 1
    },

    async findOpen ({ impersonator, impersonating, overdue, before, most }) {
      const conditions = [
        { sessionEndedAt: null },
        impersonator === undefined ? {} : { impersonatorId: impersonator },
        impersonating === undefined ? {} : { impersonatingId: impersonating },
        overdue === undefined ? {} : { OR: [{ expiresAt: { lte: overdue.now } }, { lastSeenAt: { lte: overdue.unseenSince } }] },
        before === undefined ? {} : { id: { lt: before } }
      ]
      return (await log.findMany({ where: { AND: conditions }, orderBy: { id: 'desc' }, take: most })).map(checked)
    },

    async see (sessionKey, at) {
      await log.updateMany({ where: { sessionKey, sessionEndedAt: null, lastSeenAt: { lt: at } }, data: { lastSeenAt: at } })
    },

    async list (query) {
      return await listRows(log, query, checked)
    },

    async following (filter, after, most) {
      return await rowsAfter(log, filter, after, most, checked)
    },

    async impersonators (most) {
      return await impersonators.list(most)
    },

    async add (row) {
      await log.create({ data: row })
      impersonators.forget()
    },

    async changeReason (id, reason) {
      const { count } = await log.updateMany({ where: { id, sessionEndedAt: { not: null } }, data: { reason } })
      return count === 1
    },

    async remove (id) {
      const { count } = await log.deleteMany({ where: { id, sessionEndedAt: { not: null } } })
      impersonators.forget()
      return count === 1
    }
  }
}

function isLogClient (client: object): client is LogClient {
  return hasMethods(Reflect.get(client, 'impersonationLog'), ['findUnique']) && hasMethods(client, ['$transaction'])
}

function rowOrNull (row: unknown): LogRow | null {
  return row === null ? null : checked(row)
}

function checked (row: unknown): LogRow {
  if (!isLogRow(row)) throw new TypeError('the log returned something that is no row of ImpersonationLog')
  return row
}

function codeOf (error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
