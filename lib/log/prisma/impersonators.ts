import { field } from '../../is.js'
import type { Person } from '../../types/index.js'
import { isTime } from '../store.js'
import type { LogReads } from './pages.js'

/** How long what has been found is built upon: whose last row has been deleted elsewhere is offered until then. */
const LIFETIME = 3_600_000

/** Rows that began so long before the newest one are read again, as the clock of another process may be behind. */
const OVERLAP = 60_000

/** Where more have been added since, the index is walked again. */
const MOST_ADDED = 1000

const COLUMNS = { impersonatorId: true, impersonatorName: true, sessionStartedAt: true }

type Log = Pick<LogReads, 'findFirst' | 'findMany'>

interface Row { impersonatorId: string, impersonatorName: string, sessionStartedAt: Date }

interface Known {
  people: Map<string, Person>
  /** When the newest row began; now, where a clock that is ahead has written one. */
  newest: number
  /** On the monotonic clock. */
  walkedAt: number
}

/**
 * Who has impersonated, each by their latest name. To find them takes a step along an index for each, as Prisma's
 * `distinct` would read the whole log. So they are remembered, and from then on only the rows that have begun since are
 * read.
 */
export function rememberImpersonators (log: Log) {
  let known: Known | null = null

  return {
    /** By name; at most so many. */
    async list (most: number): Promise<Person[]> {
      const before = known !== null && performance.now() - known.walkedAt < LIFETIME ? known : null
      known = (before === null ? null : await caughtUp(log, before)) ?? await walked(log, most)
      return [...known.people.values()].slice(0, most).sort((a, b) => a.name.localeCompare(b.name))
    },

    /** For a change that is no new row. */
    forget (): void {
      known = null
    }
  }
}

/** What is known, and the rows since; null where they are too many. */
async function caughtUp (log: Log, known: Known): Promise<Known | null> {
  const since = new Date(known.newest - OVERLAP)
  const rows = await log.findMany({
    where: { sessionStartedAt: { gte: since } }, orderBy: { sessionStartedAt: 'desc' }, select: COLUMNS, take: MOST_ADDED
  })
  return rows.length < MOST_ADDED ? withRows(known, rows.filter(isRow)) : null
}

async function walked (log: Log, most: number): Promise<Known> {
  const walkedAt = performance.now()
  const newest = await log.findFirst({ orderBy: { sessionStartedAt: 'desc' }, select: COLUMNS })
  const rows: Row[] = []
  while (rows.length < most) {
    const last = rows.at(-1)
    const row = await log.findFirst({
      where: last === undefined ? {} : { impersonatorId: { lt: last.impersonatorId } },
      orderBy: [{ impersonatorId: 'desc' }, { sessionStartedAt: 'desc' }],
      select: COLUMNS
    })
    if (!isRow(row)) break
    rows.push(row)
  }
  return withRows({ people: new Map(), newest: isRow(newest) ? newest.sessionStartedAt.getTime() : 0, walkedAt }, rows)
}

/** With these rows, of which each person's newest comes first. */
function withRows ({ people, newest, walkedAt }: Known, rows: Row[]): Known {
  const added = new Map<string, Person>()
  for (const { impersonatorId: id, impersonatorName: name } of rows) {
    if (!added.has(id)) added.set(id, { id, name })
  }
  const began = rows.map(row => row.sessionStartedAt.getTime())
  return {
    people: new Map([...added, ...[...people].filter(([id]) => !added.has(id))]),
    newest: Math.min(Math.max(newest, ...began), Date.now()),
    walkedAt
  }
}

function isRow (row: unknown): row is Row {
  return ['impersonatorId', 'impersonatorName'].every(name => typeof field(row, name) === 'string') &&
    isTime(field(row, 'sessionStartedAt'))
}
