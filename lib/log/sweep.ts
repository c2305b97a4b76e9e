import { setImmediate as nextTurn } from 'node:timers/promises'
import { maybeOverdue, overdue, type Limits } from './deadlines.js'
import type { Ending, LogRow, LogStore, OpenQuery } from './store.js'

/** So many are read at once: SQLite is synchronous, and whoever waits for a request must not wait for many of them. */
const BATCH = 50
/** So many are closed at once, for the same reason. */
const AT_ONCE = 4

/** All open rows that a query finds, newest first, in batches. */
export async function * openRows (
  log: Pick<LogStore, 'findOpen'>, query: Omit<OpenQuery, 'before' | 'most'> = {}
): AsyncGenerator<LogRow[]> {
  let before: string | undefined
  for (;;) {
    const rows = await log.findOpen({ ...query, before, most: BATCH })
    yield rows
    if (rows.length < BATCH) return
    before = rows.at(-1)?.id
  }
}

/**
 * Closes rows, a batch at a time, whatever becomes of each. Resolves to how many this call closed.
 *
 * @throws what the first that failed threw, when all have been tried
 */
export async function closeAll (
  batches: AsyncIterable<LogRow[]>, close: (row: LogRow) => Promise<boolean>
): Promise<number> {
  let closed = 0
  let failure: PromiseRejectedResult | undefined
  for await (const rows of batches) {
    for (let from = 0; from < rows.length; from += AT_ONCE) {
      for (const result of await Promise.allSettled(rows.slice(from, from + AT_ONCE).map(close))) {
        if (result.status === 'rejected') failure ??= result
        else if (result.value) closed++
      }
      await nextTurn()
    }
  }
  if (failure !== undefined) throw failure.reason
  return closed
}

/**
 * Closes every open row that is past a deadline, each at the time of that deadline. Any number of processes may do so
 * at once: a row is closed by one of them. Resolves to how many this call closed.
 *
 * @param close closes a row that is still open and has not been seen since it was read
 */
export async function sweepLog (
  log: Pick<LogStore, 'findOpen'>, limits: Limits, now: number, close: (row: LogRow, ending: Ending) => Promise<boolean>
): Promise<number> {
  const late = openRows(log, { overdue: maybeOverdue(limits, now) })
  return await closeAll(late, async row => {
    const ending = overdue(limits, row, now)
    return ending !== null && await close(row, ending)
  })
}
