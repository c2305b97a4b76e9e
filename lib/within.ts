import { FST_IMPERSONATE_UNAVAILABLE } from './errors.js'

/** Milliseconds that a start-up waits for a log which is slow: Fastify gives a plugin ten seconds. */
export const LONGEST_START = 2000

/** The cause of an FST_IMPERSONATE_UNAVAILABLE where the time ran out. */
export class NoAnswer extends Error {}

/**
 * Runs one call into code that is not ours, for at most `timeout` milliseconds.
 *
 * @throws FST_IMPERSONATE_UNAVAILABLE with the cause, where it throws, rejects or takes longer; one that it throws
 * itself passes
 */
export async function within<Value> (
  timeout: number, what: string, work: () => Value | PromiseLike<Value>
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((resolve, reject) => {
    timer = setTimeout(() => { reject(new NoAnswer(`No answer within ${timeout} ms`)) }, timeout)
  })
  const done = async () => await work()
  return await Promise.race([done(), late])
    .catch(cause => { throw unavailable(cause, what) })
    .finally(() => { clearTimeout(timer) })
}

function unavailable (cause: unknown, what: string): Error {
  return cause instanceof FST_IMPERSONATE_UNAVAILABLE ? cause : new FST_IMPERSONATE_UNAVAILABLE(what, { cause })
}

/** Waits for work no longer than this; what it does goes on. */
export async function atMost (milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const enough = new Promise(resolve => { timer = setTimeout(resolve, milliseconds) })
  await Promise.race([work, enough]).finally(() => { clearTimeout(timer) })
}
