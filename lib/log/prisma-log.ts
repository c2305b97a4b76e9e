import { setTimeout as pause } from 'node:timers/promises'
import { batched } from '../batch.js'
import { hasMethods } from '../checks.js'
import { FST_IMPERSONATE_ALREADY_ACTIVE } from '../errors.js'
import { endedAs, isLogRow, type LogFilter, type LogPage, type LogQuery, type LogRow, type LogStore } from './store.js'

/** What the log uses of a PrismaClient. */
interface LogClient {
  impersonationLog: {
    findUnique (args: object): PromiseLike<unknown>
    findMany (args: object): PromiseLike<unknown[]>
    create (args: object): PromiseLike<unknown>
    updateMany (args: object): PromiseLike<{ count: number }>
    deleteMany (args: object): PromiseLike<{ count: number }>
    count (args: object): PromiseLike<number>
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
  const findByKey = batched<string, unknown>({
    one: async sessionKey => await log.findUnique({ where: { sessionKey } }),
    async many (keys) {
      const rows = await log.findMany({ where: { sessionKey: { in: keys } } })
      return new Map(rows.map(row => [String(Reflect.get(Object(row), 'sessionKey')), row]))
    }
  })

  return {
    async findByKey (sessionKey) {
      const row = rowOrNull(await findByKey(sessionKey))
      return row?.sessionKey === sessionKey ? row : null
    },

    async findById (id) {
      const row = rowOrNull(await log.findUnique({ where: { id } }))
      return row?.id === id ? row : null
    },

    async open (row, endingOf) {
      for (let tries = 1; tries <= MOST_TRIES; tries++) {
        const open = rowOrNull(await log.findUnique({ where: { openKey: row.openKey } }))
        try {
          if (open === null) {
            await client.$transaction([log.create({ data: row })])
            return null
          }
          const ended = endedAs(endingOf(open))
          const [closed] = await client.$transaction([
            log.updateMany({ where: { id: open.id, sessionEndedAt: null }, data: ended }),
            log.create({ data: row })
          ])
          // A stop or a colleague may have been first since it was read: then the end is theirs.
          return countOf(closed) === 1 ? { ...open, ...ended } : null
        } catch (error) {
          if (!PASSING.has(codeOf(error))) throw error
          await pause(Math.random() * 5 * tries)
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
      return await listRows(log, query)
    },

    async following (filter, after, most) {
      const { AND } = whereOf(filter)
      const bounds = after === undefined ? {} : beforeIn(after)
      const rows = await log.findMany({ where: { AND: [...AND, bounds] }, orderBy: NEWEST_FIRST, take: most })
      return rows.map(checked)
    },

    async impersonators (most) {
      const rows = await log.findMany({
        distinct: ['impersonatorId'],
        orderBy: [{ impersonatorId: 'asc' }, { sessionStartedAt: 'desc' }],
        select: { impersonatorId: true, impersonatorName: true },
        take: most
      })
      return rows
        .filter(row => isNamed(row))
        .map(({ impersonatorId, impersonatorName }) => ({ id: impersonatorId, name: impersonatorName }))
        .sort((a, b) => a.name.localeCompare(b.name))
    },

    async add (row) {
      await log.create({ data: row })
    },

    async changeReason (id, reason) {
      const { count } = await log.updateMany({ where: { id, sessionEndedAt: { not: null } }, data: { reason } })
      return count === 1
    },

    async remove (id) {
      const { count } = await log.deleteMany({ where: { id, sessionEndedAt: { not: null } } })
      return count === 1
    }
  }
}

async function listRows (log: LogClient['impersonationLog'], query: LogQuery): Promise<LogPage> {
  const { page, pageSize, countLimit } = query
  const where = whereOf(query)
  const [rows, counted] = await Promise.all([
    log.findMany({ where, orderBy: NEWEST_FIRST, skip: (page - 1) * pageSize, take: pageSize + 1 }),
    log.count({ where, take: countLimit + 1 })
  ])
  return {
    rows: rows.slice(0, pageSize).map(checked),
    hasNext: rows.length > pageSize,
    count: Math.min(counted, countLimit),
    countIsExact: counted <= countLimit
  }
}

const NEWEST_FIRST = [{ sessionStartedAt: 'desc' }, { id: 'desc' }]

function whereOf ({ session, impersonator, impersonating, from, to }: LogFilter) {
  return {
    AND: [
      session === undefined ? {} : { sessionEndedAt: session === 'complete' ? { not: null } : null },
      impersonator === undefined ? {} : { impersonatorId: impersonator },
      impersonating === undefined ? {} : { impersonatingId: impersonating },
      from === undefined ? {} : { sessionStartedAt: { gte: from } },
      to === undefined ? {} : { sessionStartedAt: { lt: to } }
    ]
  }
}

/** Further down the list than this row. The second part says it all; the first is what the index serves. */
function beforeIn ({ sessionStartedAt, id }: LogRow) {
  return { sessionStartedAt: { lte: sessionStartedAt }, OR: [{ sessionStartedAt: { lt: sessionStartedAt } }, { id: { lt: id } }] }
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

function isNamed (row: unknown): row is { impersonatorId: string, impersonatorName: string } {
  return typeof row === 'object' && row !== null
}

function countOf (result: unknown): unknown {
  return Reflect.get(Object(result), 'count')
}

function codeOf (error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
