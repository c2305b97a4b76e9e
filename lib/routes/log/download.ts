import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { entryOf } from '../../log/entry.js'
import type { LogRow, LogStore } from '../../log/store.js'
import { atMost } from '../../within.js'
import { filterOf } from './filter.js'

/** How many rows are read at a time: what is in memory, however long the log is. */
const BATCH = 500

const COLUMNS = [
  'id', 'impersonatorId', 'impersonatorName', 'impersonatingId', 'impersonatingName', 'reason', 'readOnly', 'sessionStartedAt', 'expiresAt',
  'lastSeenAt', 'sessionEndedAt', 'duration', 'endReason', 'endedById', 'endedByName', 'ipAddress', 'userAgent'
] as const

/** How rows are written, one line each. */
interface Format {
  ending: string
  type: string
  head: string
  line: (row: LogRow) => string
}

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

/** Sends the log as a file, with the filters of the page, as fast as it is taken. */
export async function downloadLog ({ settings, state }: Context, log: LogStore, format: Format, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { filter } = filterOf(request)
  const read = async (after?: LogRow) => await log.following(filter, after, BATCH)

  async function * lines (first: LogRow[]) {
    yield format.head
    for (let rows = first, last = rows.at(-1); last !== undefined; rows = await read(last), last = rows.at(-1)) {
      yield rows.map(format.line).join('')
      if (rows.length < BATCH) return
    }
  }

  reply.header('cache-control', 'no-store').type(format.type)
  reply.header('content-disposition', `attachment; filename="impersonation-log-${new Date(settings.now()).toISOString().slice(0, 10)}.${format.ending}"`)
  if (request.method === 'HEAD') return reply.send()
  await atMost(settings.timeout, state.sweep())
  // A log that is down is a 503, not an empty file; one that goes down later breaks the download off.
  return reply.send(Readable.from(lines(await read())))
}

/** A cell that no spreadsheet takes for a formula. @see https://owasp.org/www-community/attacks/CSV_Injection */
function cell (value: string | number | boolean | Date | null): string {
  if (value === null) return ''
  const text = String(value)
  const harmless = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(text) ? `'${text}` : text
  return `"${harmless.replaceAll('"', '""')}"`
}
