import type { FastifyBaseLogger } from 'fastify'
import { claimedAt, isReported } from '../log/reported.js'
import type { Ending, LogRow, LogStore } from '../log/store.js'
import type { AuditHooks, EventSource } from './events.js'

/**
 * Tells the end hooks of ends, at least once: `reportedAt` is noted after them. What a process did not come to do,
 * because it was killed or never had the hooks, as the command line, another does in its sweep.
 */
export function createReports (
  log: Pick<LogStore, 'findUnreported' | 'claimReport' | 'noteReported'>, hooks: AuditHooks, logger: FastifyBaseLogger,
  { timeout, now }: { timeout: number, now: () => number }
) {
  /** The rows that this process is reporting. */
  const busy = new Set<string>()

  async function report (row: LogRow, source: EventSource): Promise<void> {
    // Nobody listens to one that was written as reported; the server's log has its line all the same.
    if (isReported(row)) return await hooks.end(row, source)
    busy.add(row.id)
    try {
      await hooks.end(row, source)
      await log.noteReported(row, new Date(now()))
    } catch (err) {
      logger.error({ err, impersonationId: row.id }, 'fastify-impersonate: it could not be noted that the end hooks have run, so they may run again')
    } finally {
      busy.delete(row.id)
    }
  }

  return {
    /** Runs the end hooks of a row that this process has ended. Never throws. */
    report,

    /** An ending as it is written: reported at once where nobody listens. */
    asWritten (ending: Ending): Ending {
      const at = now()
      if (!hooks.areHeard()) return { ...ending, reportedAt: new Date(at) }
      // One as of long ago would look to other processes as if nobody had reported it since.
      return ending.at.getTime() > at - timeout ? ending : { ...ending, reportedAt: claimedAt(at) }
    },

    /**
     * Reports what has ended and was not reported in time; of several processes one does it.
     *
     * @throws FST_IMPERSONATE_UNAVAILABLE
     */
    async reportMissed (): Promise<void> {
      const missed = await log.findUnreported(timeout, now())
      for (const row of missed) {
        if (busy.has(row.id) || !await log.claimReport(row, now())) continue
        await report(row, { request: null })
      }
    }
  }
}

export type Reports = ReturnType<typeof createReports>
