import type { ImpersonationLog } from '../types/index.js'

/**
 * Ends of before that are left alone: those of an application's own database that is older than `reportedAt` stand
 * there unreported.
 */
const OLDEST = 24 * 60 * 60 * 1000

const NEVER = new Date(0)

/**
 * What stands in `reportedAt` while a process runs the end hooks of a row that was left to it: the time when it began,
 * as far before 1970 as it is after. Should that process die, the next one sees since when nothing came of it.
 */
export function claimedAt (now: number): Date {
  return new Date(-now)
}

/** Whether the end hooks have run. */
export function isReported ({ reportedAt }: Pick<ImpersonationLog, 'reportedAt'>): boolean {
  return reportedAt !== null && reportedAt > NEVER
}

/** Which ended rows have not been reported although their time is up: `timeout` milliseconds. */
export function unreported (timeout: number, now: number) {
  const late = now - timeout
  return {
    OR: [
      { reportedAt: null, sessionEndedAt: { gt: new Date(now - OLDEST), lte: new Date(late) } },
      { reportedAt: { gte: claimedAt(late), lt: NEVER } }
    ]
  }
}
