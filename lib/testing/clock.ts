/** A clock that stands still until it is told. */
export interface Clock {
  /** For the option `now`. */
  now (): number
  /** Goes on by so many seconds; returns the new time. */
  advance (seconds: number): Date
}

/**
 * A clock for the option `now`, so that a test need not wait for `maxDuration` or `idleTimeout`.
 *
 * @example
 * const clock = createClock('2026-01-31T12:00:00Z')
 * await app.register(impersonate, { maxDuration: 60, now: clock.now })
 * clock.advance(61)
 * @param start where it stands at first. @default now
 * @throws RangeError where that is no time, or the clock would go back: no time that was recorded may come again
 */
export function createClock (start: Date | string | number = Date.now()): Clock {
  let time = new Date(start).getTime()
  if (Number.isNaN(time)) throw new RangeError('createClock takes a time, such as 2026-01-31T12:00:00Z')
  return {
    now: () => time,
    advance (seconds) {
      if (!(seconds >= 0 && Number.isFinite(seconds))) throw new RangeError('advance takes a number of seconds from 0')
      time += seconds * 1000
      return new Date(time)
    }
  }
}
