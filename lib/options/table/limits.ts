import * as is from '../checks.js'
import { option, type Option } from '../option.js'

export const TEN_YEARS = 315_576_000

/** Looked up at registration: a test may have another Date by then. */
const clock: Option<() => number, () => number> = { check: is.aClock, read: (given = Date.now) => given }

/** How long things may last. */
export const limits = {
  /**
   * Seconds an impersonation may last; `null` is no limit.
   * @default null
   * @django MAX_DURATION: it ends as `expired`, at the deadline
   */
  maxDuration: option<number | null>(is.secondsOrNull(TEN_YEARS), null),
  /** Seconds without a request until an impersonation ends as `idle`; `null` is no limit. @default null */
  idleTimeout: option<number | null>(is.secondsOrNull(TEN_YEARS), null),
  /** Seconds without a request until an impersonation ends as `abandoned`. @default 86400 */
  abandonedAfter: option<number>(is.seconds(TEN_YEARS), 86_400),
  /** Milliseconds for each call into users, log, hooks and `requireReason.validate`. @default 5000 */
  timeout: option<number>(is.wholeNumber(1, 600_000), 5000),
  /** The clock: milliseconds since 1970. @default Date.now */
  now: clock
}
