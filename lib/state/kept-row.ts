import { field, isObject } from '../is.js'
import { newRow } from '../log/new-row.js'
import { isLogRow, type LogRow } from '../log/store.js'

/** An address to go back to that is longer is not kept, so that all of it fits into a cookie. */
const LONGEST_ADDRESS = 300

/** What a web session keeps of a row: ids, times, the hash of the sign-in, and where a stop leads back to. */
export function keep (row: LogRow): object {
  const { id, impersonatorId, impersonatingId, openKey, readOnly, expiresAt, sessionEndedAt, endReason, returnTo } = row
  const kept = {
    id,
    impersonatorId,
    impersonatingId,
    openKey,
    readOnly,
    startedAt: row.sessionStartedAt.getTime(),
    expiresAt: expiresAt?.getTime(),
    endedAt: sessionEndedAt?.getTime(),
    endReason,
    returnTo: returnTo !== null && returnTo.length > LONGEST_ADDRESS ? null : returnTo
  }
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null && value !== undefined))
}

/** Whether a value of a web session is what `keep` made, whole or broken: anything else is the application's. */
export function isKept (value: unknown): value is object {
  return isObject(value) &&
    ['id', 'impersonatorId', 'impersonatingId'].every(name => typeof field(value, name) === 'string')
}

/**
 * The row again; null where it is broken. For names it has the ids. It has been in use until now, as far as is known.
 */
export function revive (kept: object, now: number): LogRow | null {
  const textOf = (name: string): string => String(field(kept, name))
  const timeOf = (name: string): Date | null => {
    const time: unknown = field(kept, name)
    return time === undefined ? null : new Date(typeof time === 'number' ? time : NaN)
  }
  const openKey: unknown = field(kept, 'openKey')
  const returnTo: unknown = field(kept, 'returnTo')
  const row = {
    ...newRow({
      sessionKey: textOf('id'),
      openKey: typeof openKey === 'string' ? openKey : null,
      impersonator: { id: textOf('impersonatorId'), name: textOf('impersonatorId') },
      impersonating: { id: textOf('impersonatingId'), name: textOf('impersonatingId') },
      startedAt: new Date(now),
      expiresAt: timeOf('expiresAt'),
      reason: null,
      readOnly: field(kept, 'readOnly') === true,
      returnTo: typeof returnTo === 'string' ? returnTo : null
    }),
    id: textOf('id'),
    sessionStartedAt: timeOf('startedAt'),
    sessionEndedAt: timeOf('endedAt'),
    endReason: field(kept, 'endReason') ?? null
  }
  return isLogRow(row) ? row : null
}
