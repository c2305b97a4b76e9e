import { entryOf } from '../../log/entry.js'
import type { LogRow } from '../../log/store.js'

/** How rows are written, one line each. */
export interface Format {
  ending: string
  type: string
  head: string
  line: (row: LogRow) => string
}

const COLUMNS = [
  'id', 'impersonatorId', 'impersonatorName', 'impersonatingId', 'impersonatingName', 'reason', 'readOnly',
  'sessionStartedAt', 'expiresAt', 'lastSeenAt', 'sessionEndedAt', 'duration', 'endReason', 'endedById', 'endedByName',
  'ipAddress', 'userAgent'
] as const

export const CSV: Format = {
  ending: 'csv',
  type: 'text/csv; charset=utf-8; header=present',
  // Without the mark Excel takes it for its own 8-bit character set.
  head: `\ufeff${COLUMNS.join(',')}\r\n`,
  line: row => {
    const { sessionStartedAt, expiresAt, lastSeenAt, sessionEndedAt, duration } = entryOf(row)
    const cells = { ...row, sessionStartedAt, expiresAt, lastSeenAt, sessionEndedAt, duration }
    return `${COLUMNS.map(name => cell(cells[name])).join(',')}\r\n`
  }
}

export const JSON_LINES: Format = {
  ending: 'jsonl',
  type: 'application/jsonl; charset=utf-8',
  head: '',
  line: row => `${JSON.stringify({ ...entryOf(row), ipAddress: row.ipAddress, userAgent: row.userAgent })}\n`
}

/**
 * A cell that no spreadsheet takes for a formula, also one that splits lines at semicolons or tabs, as many locales do.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function cell (value: string | number | boolean | Date | null): string {
  if (value === null) return ''
  const text = String(value)
  const inside = text.replace(/([;\t\r\n][\s"']*)(?=[=+\-@\uff0b\uff0d\uff1d\uff20])/g, "$1'")
  const harmless = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(inside) ? `'${inside}` : inside
  return `"${harmless.replaceAll('"', '""')}"`
}
