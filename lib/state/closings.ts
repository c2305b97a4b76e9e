import type { FastifyBaseLogger } from 'fastify'
import { overdue, type Limits } from '../log/deadlines.js'
import { endedAs, type Ending, type LogRow, type LogStore } from '../log/store.js'
import { within } from '../within.js'
import type { ClaimedKey } from './cookie.js'
import type { AuditHooks, EventSource } from './events.js'

const WHAT = 'the log did not answer'
const FIRST_PAUSE = 250
const LONGEST_PAUSE = 4000
/**
 * Keys of rows that could not be read may be made up, so they are not kept without end; the sweep closes what is left
 * out.
 */
const MOST_UNREAD = { ofPeople: 10_000, ofNobody: 1_000 }

/** What is to be closed: a row or, where it could not be read, only its key. */
export type Claim = { is: 'row', row: LogRow } | ClaimedKey

interface Pending {
  claim: Claim
  ending: Ending
  source: EventSource
  timer: NodeJS.Timeout | undefined
  pause: number
}

/** Closes rows, exactly once each, and keeps at it where it must be done and the log is not there. */
export function createClosings (
  log: LogStore, hooks: AuditHooks, logger: FastifyBaseLogger, { timeout, ...limits }: Limits & { timeout: number }
) {
  const pending = new Map<string, Pending>()
  let isLast = false

  /**
   * What was past a deadline by then has ended at that one, whatever else happened later; unless it was seen meanwhile.
   */
  async function record (claim: Claim, asked: Ending, source: EventSource): Promise<boolean> {
    const row = claim.is === 'row' ? claim.row : await within(timeout, WHAT, () => log.findByKey(claim.sessionKey))
    if (row === null) return false
    const late = overdue(limits, row, asked.at.getTime())
    const lastSeenAt = late?.reason === 'expired' ? undefined : row.lastSeenAt
    if (late !== null && await recordAs(row, late, source, lastSeenAt)) return true
    return late?.reason === asked.reason ? false : await recordAs(row, asked, source)
  }

  /** The end hooks run whenever the row really closes, also later than anybody could wait for. */
  async function recordAs (row: LogRow, ending: Ending, source: EventSource, lastSeenAt?: Date): Promise<boolean> {
    const closing = log.close(row.sessionKey, ending, lastSeenAt)
    const reported = closing.then(async isOurs => {
      if (isOurs) await hooks.end({ ...row, ...endedAs(ending) }, source)
    })
    reported.catch(() => {})
    const isOurs = await within(timeout, WHAT, () => closing)
    await reported
    return isOurs
  }

  async function attempt (sessionKey: string, entry: Pending): Promise<void> {
    try {
      await record(entry.claim, entry.ending, entry.source)
      pending.delete(sessionKey)
    } catch (err) {
      logger.error({ err }, 'fastify-impersonate: an ended impersonation could not be closed in the log; it counts as ended here, and closing is tried again')
      if (isLast) return
      entry.timer = setTimeout(attempt, entry.pause, sessionKey, entry).unref()
      entry.pause = Math.min(LONGEST_PAUSE, entry.pause * 2)
    }
  }

  let retrying: Promise<void> | undefined

  /** Tries all that is left now, once for all who ask meanwhile. */
  async function retry (): Promise<void> {
    retrying ??= tryAll().finally(() => { retrying = undefined })
    await retrying
  }

  async function tryAll (): Promise<void> {
    await Promise.all([...pending].map(async ([sessionKey, entry]) => {
      clearTimeout(entry.timer)
      await attempt(sessionKey, entry)
    }))
  }

  /** Those who are not signed in take no place of those who are. */
  function isFull ({ impersonator }: EventSource): boolean {
    const isSignedIn = Boolean(impersonator)
    const waiting = [...pending.values()].filter(({ claim, source }) =>
      claim.is === 'key' && Boolean(source.impersonator) === isSignedIn)
    return waiting.length >= (isSignedIn ? MOST_UNREAD.ofPeople : MOST_UNREAD.ofNobody)
  }

  return {
    /**
     * False where somebody else has closed it, or an ending from before is still to be recorded: then that one is, now.
     */
    async close (row: LogRow, ending: Ending, source: EventSource): Promise<boolean> {
      const waiting = pending.get(row.sessionKey)
      if (waiting === undefined) return await record({ is: 'row', row }, ending, source)
      await record(waiting.claim, waiting.ending, waiting.source)
      clearTimeout(waiting.timer)
      pending.delete(row.sessionKey)
      return false
    },

    async closeSurely (claim: Claim, ending: Ending, source: EventSource): Promise<void> {
      const { sessionKey } = claim.is === 'row' ? claim.row : claim
      if (pending.has(sessionKey)) return
      if (claim.is === 'key' && isFull(source)) {
        logger.error({ endReason: ending.reason }, 'fastify-impersonate: too many stops wait for the log; the row of this one is left to the sweep')
        return
      }
      const entry: Pending = { claim, ending, source, timer: undefined, pause: FIRST_PAUSE }
      pending.set(sessionKey, entry)
      await attempt(sessionKey, entry)
    },

    /** How a key ended that the log does not know of yet; and all claims of which it does not know. */
    pending: (sessionKey: string): Ending | undefined => pending.get(sessionKey)?.ending,
    left: (): Claim[] => [...pending.values()].map(({ claim }) => claim),
    retry,

    /** Tries all that is left for the last time. */
    async flush (): Promise<void> {
      await retrying
      isLast = true
      await retry()
    }
  }
}
