import type { Ending, LogRow } from './store.js'

/** Seconds without a request after which a row is over, as the options have them. */
export interface Limits {
  idleTimeout: number | null
  abandonedAfter: number
}

/** How an open row ends whose deadline has passed, at the first of its deadlines; null where none has. */
export function overdue (limits: Limits, row: LogRow, now: number): Ending | null {
  const first = deadlineOf(limits, row)
  return first.at.getTime() <= now ? first : null
}

/** When and how a row ends if nothing happens any more: the first of its deadlines. */
export function deadlineOf ({ idleTimeout, abandonedAfter }: Limits, row: LogRow): Ending {
  const unseen = (seconds: number) => new Date(row.lastSeenAt.getTime() + seconds * 1000)
  let first: Ending = { reason: 'abandoned', at: unseen(abandonedAfter) }
  if (idleTimeout !== null && unseen(idleTimeout) <= first.at) first = { reason: 'idle', at: unseen(idleTimeout) }
  if (row.expiresAt !== null && row.expiresAt <= first.at) first = { reason: 'expired', at: row.expiresAt }
  return first
}
