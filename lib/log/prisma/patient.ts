import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { field } from '../../is.js'
import { codeOf } from './client.js'

/** Milliseconds between two tries at most. */
const LONGEST_PAUSE = 20

/**
 * Whether a write failed because another connection writes to the same SQLite file. Then nothing of it has been done.
 * P1008 stands for servers that do not answer too, and those may have done it; they say so in other words.
 */
function isBusy (error: unknown): boolean {
  const words = field(field(field(field(error, 'meta'), 'driverAdapterError'), 'cause'), 'originalMessage')
  return codeOf(error) === 'P1008' && (words === undefined || /SQLITE_BUSY|database is locked/.test(String(words)))
}

/**
 * Calls that are tried again while another process has the file's lock: SQLite's own wait would stop the event loop.
 *
 * @param patience milliseconds, as long as somebody waits for such a call
 * @param isInProcess whether the database does its work in this process, as the embedded one does. Then there is one
 * call in a turn of the event loop, so that neither what many of them do adds up, nor how long they wait.
 */
export function patient<Calls extends object> (calls: Calls, patience: number, isInProcess: boolean): Calls {
  let last: Promise<unknown> = Promise.resolve()

  async function persist (call: () => Promise<unknown>): Promise<unknown> {
    const until = performance.now() + patience
    if (!isInProcess) return await retry(call, until)
    const mine = last.then(nextTurn).then(async () => await retry(call, until))
    last = mine.catch(() => {})
    return await mine
  }

  return new Proxy(calls, {
    get: (target, name) => {
      const call = field(target, name)
      return typeof call === 'function' ? async (...given: unknown[]) => await persist(async () => await call(...given)) : call
    }
  })
}

async function retry (call: () => Promise<unknown>, until: number): Promise<unknown> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw error
    }
    await pause(Math.random() * LONGEST_PAUSE)
  }
}
