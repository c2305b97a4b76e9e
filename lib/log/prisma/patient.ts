import { setTimeout as pause } from 'node:timers/promises'
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
 * Calls that are tried again while another process has the file's lock: SQLite's own wait would stop the event loop. They are
 * tried one after the other, so that not even short waits add up, and the event loop turns in between.
 *
 * @param patience milliseconds, as long as somebody waits for such a call
 */
export function patient<Calls extends object> (calls: Calls, patience: number): Calls {
  let isHeld = false
  let last: Promise<unknown> = Promise.resolve()

  async function retry (call: () => Promise<unknown>, until: number): Promise<unknown> {
    for (;;) {
      await pause(Math.random() * LONGEST_PAUSE)
      try {
        const answer = await call()
        isHeld = false
        return answer
      } catch (error) {
        isHeld = isBusy(error)
        if (!isHeld || performance.now() > until) throw error
      }
    }
  }

  async function persist (call: () => Promise<unknown>): Promise<unknown> {
    const until = performance.now() + patience
    if (!isHeld) {
      try {
        return await call()
      } catch (error) {
        if (!isBusy(error)) throw error
        isHeld = true
      }
    }
    const mine = last.then(async () => await retry(call, until))
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
