import type { FastifyBaseLogger } from 'fastify'
import type { Limits } from '../log/deadlines.js'
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
  const writing = new Set<Promise<void>>()

  function forgetOld (at: number): void {
    for (const [id, since] of noted) {
      if (at - since < interval) return
      noted.delete(id)
    }
  }

  return {
    note (row: LogRow): void {
      const at = now()
      if (at - row.lastSeenAt.getTime() < interval) return
      forgetOld(at)
      if (noted.has(row.id)) return
      noted.set(row.id, at)
      const write = log.see(row, new Date(at))
        .catch(err => {
          noted.delete(row.id)
          logger.error({ err, impersonationId: row.id }, 'fastify-impersonate: lastSeenAt could not be written')
        })
        .finally(() => writing.delete(write))
      writing.add(write)
    },

    /** When all is written. */
    async done (): Promise<void> { await Promise.all(writing) }
  }
}
