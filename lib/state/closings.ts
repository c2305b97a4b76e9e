import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { overdue, type Limits } from '../log/deadlines.js'
import { endedAs, type Ending, type LogRow, type LogStore } from '../log/store.js'
import { within } from '../within.js'
import type { ClaimedKey } from './cookie.js'
import type { EventSource } from './events.js'
import type { Reports } from './reports.js'
import { countUnread } from './unread.js'

const WHAT = 'the log did not answer'
const [FIRST_PAUSE, LONGEST_PAUSE] = [250, 4000]
/** So many are tried at once. Where all of them fail, the log is down, and the rest waits for the next round. */
const AT_ONCE = 20

const NOT_CLOSED = 'fastify-impersonate: the log could not be told what has ended; it counts as ended here, and is told again'

/** What is to be closed: a row or, where it could not be read, only its key. */
export type Claim = { is: 'row', row: LogRow } | ClaimedKey

/** Without its request: there may be many, and it may take long. */
interface Pending { claim: Claim, ending: Ending }

/** Closes rows, exactly once each, and keeps at it where it must be done and the log is not there. */
export function createClosings (
  log: LogStore, reports: Reports, logger: FastifyBaseLogger, { timeout, ...limits }: Limits & { timeout: number }
) {
  const pending = new Map<string, Pending>()
  const unread = countUnread()
  let [isLast, pause] = [false, FIRST_PAUSE]
  let timer: NodeJS.Timeout | undefined
  let retrying: Promise<void> | undefined

  /**
   * A row already past a deadline ends as of that deadline, unless it was seen since it was read.
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
  async function recordAs (row: LogRow, asked: Ending, source: EventSource, lastSeenAt?: Date): Promise<boolean> {
    const ending = reports.asWritten(asked)
    const closing = log.close(row, ending, lastSeenAt)
    const reported = closing.then(async isOurs => {
      if (isOurs) await reports.report({ ...row, ...endedAs(ending, row) }, source)
    })
    reported.catch(() => {})
    const isOurs = await within(timeout, WHAT, () => closing)
    await reported
    return isOurs
  }

  function settle (sessionKey: string): void {
    pending.delete(sessionKey)
    unread.forget(sessionKey)
  }

  /** Tries all that is left now, once for all who ask meanwhile. */
  async function retry (): Promise<void> {
    retrying ??= tryAll().finally(() => { retrying = undefined })
    await retrying
  }

  /** One round, with one line about all that it could not close. */
  async function tryAll (): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    let failure: unknown
    const all = [...pending]
    for (let from = 0; from < all.length; from += AT_ONCE) {
      const some = all.slice(from, from + AT_ONCE)
      const results = await Promise.allSettled(some.map(async ([sessionKey, { claim, ending }]) => {
        await record(claim, ending, { request: null })
        settle(sessionKey)
      }))
      const failed = results.filter(({ status }) => status === 'rejected')
      failure ??= Reflect.get(Object(failed[0]), 'reason')
      if (failed.length === some.length) break
      await nextTurn()
    }
    if (failure !== undefined) logger.error({ err: failure, waiting: pending.size, ...unread.report() }, NOT_CLOSED)
    if (pending.size === 0) pause = FIRST_PAUSE
    else again()
  }

  /** One loop for all that waits, at growing intervals. */
  function again (): void {
    if (isLast || timer !== undefined) return
    timer = setTimeout(retry, pause).unref()
    pause = Math.min(LONGEST_PAUSE, pause * 2)
  }

  return {
    /** False if it was closed before, or if an earlier ending still waited: that one is written now. */
    async close (row: LogRow, ending: Ending, source: EventSource): Promise<boolean> {
      const waiting = pending.get(row.sessionKey)
      if (waiting === undefined) return await record({ is: 'row', row }, ending, source)
      await record(waiting.claim, waiting.ending, source)
      settle(row.sessionKey)
      return false
    },

    async closeSurely (row: LogRow, ending: Ending, source: EventSource): Promise<void> {
      const { sessionKey } = row
      if (pending.has(sessionKey)) return
      const entry: Pending = { claim: { is: 'row', row }, ending }
      pending.set(sessionKey, entry)
      try {
        await record(entry.claim, ending, source)
        settle(sessionKey)
      } catch (err) {
        if (timer === undefined) logger.error({ err, waiting: pending.size }, NOT_CLOSED)
        again()
      }
    },

    /**
     * The same for a key whose row could not be read, so that nobody knows whether there is one.
     *
     * @param personId who is signed in; undefined where that cannot be read either
     * @returns false where too many of this person's wait already; the sweep closes what is left out
     */
    keepUnread (claim: ClaimedKey, ending: Ending, personId: string | undefined): boolean {
      const { sessionKey } = claim
      if (pending.has(sessionKey)) return true
      if (!unread.note(sessionKey, personId)) return false
      pending.set(sessionKey, { claim, ending })
      again()
      return true
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
