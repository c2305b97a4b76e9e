import type { Ending, LogRow } from './store.js'

/** Seconds after its start in which the first request has to come. */
const FIRST_USE = 600

/** Seconds without a request after which a row is over, as the options have them. */
export interface Limits {
  idleTimeout: number | null
  abandonedAfter: number
}

/** How a row ends where nothing happens until then. */
export interface Deadline extends Ending {
  due: Date
}

/** How an open row ends whose deadline has passed, at the first of its deadlines; null where none has. */
export function overdue (limits: Limits, row: LogRow, now: number): Deadline | null {
  const first = deadlineOf(limits, row)
  return first.due.getTime() <= now ? first : null
}

/** When and how a row ends if nothing happens any more: the first of its deadlines. */
export function deadlineOf ({ idleTimeout, abandonedAfter }: Limits, row: LogRow): Deadline {
  const { expiresAt, sessionStartedAt } = row
  const seen = lastActivity(row)
  let first = endingAt('abandoned', later(seen, abandonedAfter))
  if (idleTimeout !== null && idleTimeout <= abandonedAfter) first = endingAt('idle', later(seen, idleTimeout))
  if (expiresAt !== null && expiresAt <= first.due) first = endingAt('expired', expiresAt)
  // What nobody has used has never begun.
  const unused = { reason: 'aborted', at: sessionStartedAt, due: later(sessionStartedAt, FIRST_USE) } as const
  return isUnused(row) && unused.due < first.due ? unused : first
}

/** Whether no request has run under a row yet: the first one is always noted, as of {@link firstUse} or later. */
export function isUnused ({ lastSeenAt, sessionStartedAt }: Pick<LogRow, 'lastSeenAt' | 'sessionStartedAt'>): boolean {
  return lastSeenAt.getTime() === sessionStartedAt.getTime()
}

/** When a row that is in use counts as seen at the soonest. */
export function firstUse ({ sessionStartedAt }: Pick<LogRow, 'sessionStartedAt'>): Date {
  return new Date(sessionStartedAt.getTime() + 1)
}

/** Which rows may be past a deadline by now. */
export function maybeOverdue ({ idleTimeout, abandonedAfter }: Limits, now: number) {
  const shortest = Math.min(idleTimeout ?? Infinity, abandonedAfter)
  return {
    now: new Date(now),
    // One that was used and no more counts from its start, a millisecond before.
    unseenSince: new Date(now - shortest * 1000 + 1),
    unusedSince: new Date(now - FIRST_USE * 1000)
  }
}

/** A first use that was no activity leaves that at the start. */
function lastActivity (row: LogRow): Date {
  return row.lastSeenAt.getTime() === firstUse(row).getTime() ? row.sessionStartedAt : row.lastSeenAt
}

function endingAt (reason: Ending['reason'], at: Date): Deadline {
  return { reason, at, due: at }
}

function later (date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000)
}
