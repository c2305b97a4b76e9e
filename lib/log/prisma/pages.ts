import type { LogFilter, LogPage, LogQuery, LogRow } from '../store.js'
import { isOf, rowsOf } from './exact.js'

/** What the log's pages use of a Prisma model. */
export interface LogReads {
  findFirst (args: object): PromiseLike<unknown>
  findMany (args: object): PromiseLike<unknown[]>
  count (args: object): PromiseLike<number>
}

type Check = (row: unknown) => LogRow

/** So many are walked past at once. */
const BATCH = 500

const NEWEST_FIRST = [{ sessionStartedAt: 'desc' }, { id: 'desc' }]

/** A page, newest first. What it holds often says how many there are; only otherwise are they counted. */
export async function listRows (
  log: Pick<LogReads, 'findMany' | 'count'>, query: LogQuery, checked: Check
): Promise<LogPage> {
  const { page, pageSize, countLimit } = query
  const where = whereOf(query)
  const skip = (page - 1) * pageSize
  const rows = (await log.findMany({ where, orderBy: NEWEST_FIRST, skip, take: pageSize + 1 })).map(checked)
  if (!rows.every(row => isOf(query, row))) return await walkedPage(log, query, checked)
  const seen = skip + rows.length
  const isLast = rows.length <= pageSize && (rows.length > 0 || skip === 0)
  // In the page's order, which an index has: by itself Prisma would have what it counts sorted by id.
  const counted = isLast || (rows.length > 0 && seen > countLimit)
    ? seen
    : await log.count({ where, orderBy: NEWEST_FIRST, take: countLimit + 1 })
  return {
    rows: rows.slice(0, pageSize),
    hasNext: rows.length > pageSize,
    count: Math.min(counted, countLimit),
    countIsExact: counted <= countLimit
  }
}

/** A page where the database finds other people's rows too: only a walk tells how many are meant. */
async function walkedPage (log: Pick<LogReads, 'findMany'>, query: LogQuery, checked: Check): Promise<LogPage> {
  const { page, pageSize, countLimit } = query
  const end = page * pageSize
  const rows = await rowsOf(query, Math.max(end, countLimit) + 1, BATCH, async last =>
    await rowsAfter(log, query, last, BATCH, checked))
  return {
    rows: rows.slice(end - pageSize, end),
    hasNext: rows.length > end,
    count: Math.min(rows.length, countLimit),
    countIsExact: rows.length <= countLimit
  }
}

/** The rows that follow one in the list, without it the first. */
export async function rowsAfter (
  log: Pick<LogReads, 'findMany'>, filter: LogFilter, after: LogRow | undefined, most: number, checked: Check
): Promise<LogRow[]> {
  const { AND } = whereOf(filter)
  const bounds = after === undefined ? {} : beforeIn(after)
  return (await log.findMany({ where: { AND: [...AND, bounds] }, orderBy: NEWEST_FIRST, take: most })).map(checked)
}

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
  return {
    sessionStartedAt: { lte: sessionStartedAt },
    OR: [{ sessionStartedAt: { lt: sessionStartedAt } }, { id: { lt: id } }]
  }
}
