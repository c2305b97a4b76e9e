import { field } from '../../is.js'
import { claimedAt } from '../reported.js'
import { endedAs, type Ending, type LogRow } from '../store.js'
import type { LogClient } from './client.js'

/**
 * Every write of the log; nothing else writes. Of a closed row only the reason ever changes, and that it was reported.
 */
export interface Writer {
  insert (row: LogRow): Promise<void>
  /** Ends a row and inserts the next one, both or neither; false where somebody else had ended it. */
  replace (open: LogRow, ended: ReturnType<typeof endedAs>, row: LogRow): Promise<boolean>
  /** Ends an open row; with `lastSeenAt` only where it has not been seen since. False where it is open no more. */
  end (row: LogRow, ending: Ending, lastSeenAt?: Date): Promise<boolean>
  /** Notes a request, unless one has been noted since this row was read: one of all that read it the same. */
  see (row: LogRow, at: Date): Promise<void>
  /** False where another process has claimed or reported it since it was read. */
  claimReport (row: LogRow, now: number): Promise<boolean>
  noteReported (row: LogRow, at: Date): Promise<void>
  /** False where there is no closed row of this id. */
  changeReason (id: string, reason: string | null): Promise<boolean>
  /** False where there is no closed row of this id. */
  remove (id: string): Promise<boolean>
}

export function createWriter (client: LogClient): Writer {
  const { impersonationLog: log } = client
  const isClosed = { sessionEndedAt: { not: null } }

  // Not awaited, as a transaction takes what has not begun.
  const inserting = (row: LogRow) => log.create({ data: row, select: { id: true } })
  const ending = (where: object, ended: ReturnType<typeof endedAs>) =>
    log.updateMany({ where: { ...where, sessionEndedAt: null }, data: ended })

  return {
    async insert (row) { await inserting(row) },

    async replace (open, ended, row) {
      // The update first: the row that it closes is in the insert's way.
      const [closed] = await client.$transaction([ending({ id: open.id }, ended), inserting(row)])
      return field(closed, 'count') === 1
    },

    async end (row, how, lastSeenAt) {
      const unseen = lastSeenAt === undefined ? {} : { lastSeenAt }
      const { count } = await ending({ sessionKey: row.sessionKey, ...unseen }, endedAs(how, row))
      return count === 1
    },

    async see ({ sessionKey, lastSeenAt }, at) {
      await log.updateMany({ where: { sessionKey, sessionEndedAt: null, lastSeenAt }, data: { lastSeenAt: at } })
    },

    async claimReport ({ id, reportedAt }, now) {
      const where = { id, ...isClosed, reportedAt }
      const { count } = await log.updateMany({ where, data: { reportedAt: claimedAt(now) } })
      return count === 1
    },

    async noteReported ({ id }, at) {
      await log.updateMany({ where: { id, ...isClosed }, data: { reportedAt: at } })
    },

    async changeReason (id, reason) {
      const { count } = await log.updateMany({ where: { id, ...isClosed }, data: { reason } })
      return count === 1
    },

    async remove (id) {
      const { count } = await log.deleteMany({ where: { id, ...isClosed } })
      return count === 1
    }
  }
}
