import type { FastifyBaseLogger } from 'fastify'
import { createKeyCookie } from '../cookie.js'
import { FST_IMPERSONATE_ALREADY_ACTIVE } from '../errors.js'
import type { AuditHooks, EventSource } from '../hooks.js'
import type { Settings } from '../options.js'
import type { State } from '../state.js'
import { within } from '../within.js'
import { createClosings } from './closings.js'
import { endedAs, type LogRow, type LogStore } from './store.js'

const WHAT = 'the log did not answer'

/** How often `lastSeenAt` is written at most, in milliseconds. */
const SEEN_INTERVAL = 5000

/** The state of impersonations in the log's rows: what every process sees. */
export function createLogState (settings: Settings, log: LogStore, hooks: AuditHooks, logger: FastifyBaseLogger): State & { stop (): Promise<void> } {
  const { timeout, now } = settings
  const cookie = createKeyCookie(settings.cookie)
  const closings = createClosings(log, hooks, logger, timeout)
  const seeing = new Set<Promise<void>>()

  return {
    mayBeClaimed: cookie.mayBeIn,

    async find (request) {
      const claim = cookie.read(request)
      if (claim === 'none') return 'nothing'
      if (claim === 'broken') return 'unknown'
      const row = await within(timeout, WHAT, async () => await log.findByKey(claim.sessionKey))
      if (row === null) return 'unknown'
      const pending = closings.pending(claim.sessionKey)
      return pending === undefined ? row : { ...row, ...endedAs(pending) }
    },

    async open (row, source) {
      // What has ended already must not end as `replaced`.
      await closings.retry()
      const opening = log.open(row)
      try {
        await reportReplaced(await within(timeout, WHAT, async () => await opening), source)
      } catch (error) {
        // Nothing was started; should the row be written all the same, later than we could wait, it ends again.
        opening.then(async replaced => {
          await closings.closeSurely(row, { reason: 'aborted', at: new Date(now()) }, source)
          await reportReplaced(replaced, source)
        }, () => {})
        throw error instanceof Error && error.cause instanceof FST_IMPERSONATE_ALREADY_ACTIVE ? error.cause : error
      }
    },

    give (request, reply, row, key) { cookie.give(request, reply, key) },
    forget: cookie.clear,
    close: async (row, ending, source) => await closings.close(row, ending, source),

    async closeSurely (claim, ending, source) {
      const target = 'sessionKey' in claim ? claim : cookie.read(claim)
      if (typeof target !== 'string') await closings.closeSurely(target, ending, source)
    },

    see (row) {
      const at = new Date(now())
      if (at.getTime() - row.lastSeenAt.getTime() < SEEN_INTERVAL) return
      const writing = within(timeout, WHAT, async () => { await log.see(row.sessionKey, at) })
        .catch(err => { logger.error({ err, impersonationId: row.id }, 'fastify-impersonate: lastSeenAt could not be written') })
        .finally(() => seeing.delete(writing))
      seeing.add(writing)
    },

    async stop () {
      await Promise.all(seeing)
      await closings.flush()
    }
  }

  async function reportReplaced (replaced: LogRow | null, { request, impersonator }: EventSource): Promise<void> {
    if (replaced !== null) await hooks.end(replaced, { request, impersonator })
  }
}
