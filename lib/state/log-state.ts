import type { FastifyBaseLogger } from 'fastify'
import { FST_IMPERSONATE_ALREADY_ACTIVE } from '../errors.js'
import { overdue } from '../log/deadlines.js'
import { endedAs, type Ending, type LogRow, type LogStore } from '../log/store.js'
import { sweepLog } from '../log/sweep.js'
import { timed } from '../log/timed.js'
import type { Settings } from '../settings.js'
import { atMost, LONGEST_START, within } from '../within.js'
import { createClosings, type Claim } from './closings.js'
import type { KeyCookie } from './cookie.js'
import type { AuditHooks, EventSource } from './events.js'
import { createReports } from './reports.js'
import { createSightings } from './sightings.js'
import type { State } from './state.js'

const WHAT = 'the log did not answer'

const SWEEP_INTERVAL = 60_000

/** What begins and ends with the application. */
interface Lifetime {
  /** Sweeps now and from time to time. Never rejects. */
  start (): Promise<void>
  stop (): Promise<void>
}

/** The state of impersonations in the log's rows: what every process sees. */
export function createLogState (
  settings: Settings, log: LogStore, cookie: KeyCookie, hooks: AuditHooks, logger: FastifyBaseLogger
): State & Lifetime {
  const { timeout, now } = settings
  const reading = timed(log, timeout)
  const reports = createReports(reading, hooks, logger, settings)
  const closings = createClosings(log, reports, logger, settings)
  const sightings = createSightings(reading, settings, logger)
  let sweeping: Promise<number> | undefined
  let timer: NodeJS.Timeout | undefined

  const state: State & Lifetime = {
    mayBeClaimed: cookie.mayBeIn,

    async find (request) {
      const claim = cookie.read(request)
      if (claim === 'none') return 'nothing'
      if (claim === 'broken') return 'unknown'
      const row = await reading.findByKey(claim.sessionKey)
      if (row === null) return 'unknown'
      const pending = closings.pending(claim.sessionKey)
      return pending === undefined ? row : { ...row, ...endedAs(pending, row) }
    },

    async open (row, source) {
      let [isLate, isOpening] = [false, false]
      const mayBeTheirs = (claim: Claim) => claim.is === 'key' || claim.row.openKey === row.openKey
      // What has ended already must not end as `replaced`: it is written first, within the same time limit.
      const before = closings.left().some(mayBeTheirs) ? closings.retry() : Promise.resolve()
      const opening = before.then(async () => {
        if (isLate) return null
        isOpening = true
        // One that was past a deadline ended then, and not now; nor does one whose end could not be written yet.
        return await log.open(row, open => {
          const ended = closings.pending(open.sessionKey)
          const late = overdue(settings, open, ended?.at.getTime() ?? now())
          return reports.asWritten(late ?? ended ?? { reason: 'replaced', at: row.sessionStartedAt })
        })
      })
      try {
        await reportReplaced(await within(timeout, WHAT, () => opening), source)
      } catch (error) {
        isLate = true
        // Nothing was started; should the row be written all the same, later than we could wait, it ends again.
        opening.then(async replaced => {
          if (isOpening) await abort(row, source)
          await reportReplaced(replaced, source)
        }, async cause => {
          // Where the answer to a commit was lost, the row may be there all the same.
          if (!(cause instanceof FST_IMPERSONATE_ALREADY_ACTIVE)) await abort(row, source)
        })
        throw error instanceof Error && error.cause instanceof FST_IMPERSONATE_ALREADY_ACTIVE ? error.cause : error
      }
    },

    whyDropped: cookie.whyDropped,
    give (request, reply, row, key) { cookie.give(request, reply, key) },
    forget: cookie.clear,
    close: closings.close,

    async closeSurely (row, ending, source) { await closings.closeSurely(row, ending, source) },

    closeUnread (request, ending, personId) {
      const claim = cookie.read(request)
      if (typeof claim === 'string' || !closings.keepUnread(claim, ending, personId)) return
      request.log.error('fastify-impersonate: the log is not there; the browser is let out all the same')
    },

    see: sightings.note,

    async sweep () {
      const close = (row: LogRow, ending: Ending) => closings.close(row, ending, { request: null })
      sweeping ??= sweepLog(reading, settings, now(), close)
        .finally(reports.reportMissed)
        .finally(() => { sweeping = undefined })
      return await sweeping
    },

    async start () {
      await atMost(Math.min(timeout, LONGEST_START), sweepQuietly())
      timer = setInterval(sweepQuietly, SWEEP_INTERVAL).unref()
    },

    async stop () {
      clearInterval(timer)
      await Promise.all([sightings.done(), sweeping?.catch(() => {})])
      await closings.flush()
    }
  }
  return state

  async function sweepQuietly (): Promise<void> {
    try {
      await state.sweep()
    } catch (err) {
      logger.error({ err }, 'fastify-impersonate: the log could not be swept of impersonations that are past a deadline, or of ends that were not reported; it is tried again')
    }
  }

  async function abort (row: LogRow, source: EventSource): Promise<void> {
    await state.closeSurely(row, { reason: 'aborted', at: new Date(now()) }, source)
  }

  async function reportReplaced (replaced: LogRow | null, { request, impersonator }: EventSource): Promise<void> {
    if (replaced !== null) await reports.report(replaced, { request, impersonator })
  }
}
