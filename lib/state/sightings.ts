import type { FastifyBaseLogger } from 'fastify'
import { firstUse, isUnused, type Limits } from '../log/deadlines.js'
import type { LogRow, LogStore } from '../log/store.js'

/** How often `lastSeenAt` is written at most, in milliseconds; more often where a limit is short. */
const INTERVAL = 5000

/** Notes that rows are in use: once for all requests that arrive at once. */
export function createSightings (
  log: Pick<LogStore, 'see'>, { idleTimeout, abandonedAfter, now }: Limits & { now: () => number }, logger: FastifyBaseLogger
) {
  const interval = Math.min(INTERVAL, 250 * Math.min(idleTimeout ?? Infinity, abandonedAfter))
  /** What this process has noted, oldest first. Requests may still hold rows that they read before. */
  const noted = new Map<string, number>()
  const writing = new Map<string, Promise<void>>()

  function forgetOld (at: number): void {
    for (const [id, since] of noted) {
      if (at - since < interval) return
      noted.delete(id)
    }
  }

  /** Once at a time for each row. */
  function write (row: LogRow, at: number, seenAt: number): void {
    forgetOld(at)
    if (noted.has(row.id)) return
    noted.set(row.id, at)
    writing.set(row.id, log.see(row, new Date(seenAt))
      .catch(err => {
        noted.delete(row.id)
        logger.error({ err, impersonationId: row.id }, 'fastify-impersonate: lastSeenAt could not be written')
      })
      .finally(() => writing.delete(row.id)))
  }

  async function noteFirst (row: LogRow, at: number, isActivity: boolean): Promise<void> {
    const soonest = firstUse(row).getTime()
    write(row, at, isActivity ? Math.max(at, soonest) : soonest)
    await writing.get(row.id)
  }

  return {
    /** Resolves at once, but for the first use: that is written before anything runs. */
    note (row: LogRow, isActivity: boolean): Promise<void> | void {
      const at = now()
      if (isUnused(row)) return noteFirst(row, at, isActivity)
      if (isActivity && at - row.lastSeenAt.getTime() >= interval) write(row, at, at)
    },

    /** When all is written. */
    async done (): Promise<void> { await Promise.all(writing.values()) }
  }
}
