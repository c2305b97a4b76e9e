import { within } from '../within.js'
import type { LogStore } from './store.js'

/**
 * The log with its time limit: what all but a start's row and a closing use, as these two go on when nobody waits any
 * more. Each call throws FST_IMPERSONATE_UNAVAILABLE where the log fails or does not answer in time.
 */
export function timed (log: LogStore, timeout: number): LogStore {
  const inTime = <Given extends unknown[], Answer>(call: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => await within(timeout, 'the log did not answer', () => call(...given))

  return {
    findByKey: inTime(log.findByKey),
    findById: inTime(log.findById),
    open: inTime(log.open),
    close: inTime(log.close),
    findOpen: inTime(log.findOpen),
    see: inTime(log.see),
    findUnreported: inTime(log.findUnreported),
    claimReport: inTime(log.claimReport),
    noteReported: inTime(log.noteReported),
    list: inTime(log.list),
    following: inTime(log.following),
    impersonators: inTime(log.impersonators),
    add: inTime(log.add),
    changeReason: inTime(log.changeReason),
    remove: inTime(log.remove)
  }
}
