import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LogFilter, LogRow } from '../../log/store.js'
import { atMost } from '../../within.js'
import { AT_THE_DOOR, away, refusals } from '../page/answers.js'
import { query } from '../page/fields.js'
import type { LogContext, Route } from '../page/route.js'
import { filterFields, filterOf } from './filter.js'
import { CSV, JSON_LINES, type Format } from './formats.js'
import { administratorOf } from './note.js'

/** How many rows are read at a time: what is in memory, however long the log is. */
const BATCH = 500

/** Sends the log as a file, with the filters of the page, as fast as it is taken. */
function createDownload (format: Format) {
  return async function downloadLog (
    context: LogContext, request: FastifyRequest, reply: FastifyReply
  ): Promise<unknown> {
    const { settings, state } = context
    const { filter } = filterOf(request)
    const day = new Date(settings.now()).toISOString().slice(0, 10)
    reply.header('cache-control', 'no-store').type(format.type)
    reply.header('content-disposition', `attachment; filename="impersonation-log-${day}.${format.ending}"`)
    if (request.method === 'HEAD') return reply.send()
    await atMost(settings.timeout, state.sweep())
    // A log that is down is a 503, not an empty file; one that goes down later breaks the download off.
    const first = await context.log.following(filter, undefined, BATCH)
    const byId = administratorOf(settings, request).id
    const { impersonator: impersonatorId, impersonating: userId, session, from, to } = filter
    const what = { format: format.ending, impersonatorId, userId, session, from, to }
    request.log.info({ byId, ...what }, 'fastify-impersonate: the log was downloaded')
    return reply.send(Readable.from(linesOf(context, format, filter, first)))
  }
}

async function * linesOf (
  { log }: LogContext, format: Format, filter: LogFilter, first: LogRow[]
): AsyncGenerator<string> {
  yield format.head
  let rows = first
  for (let last = rows.at(-1); last !== undefined; last = rows.at(-1)) {
    yield rows.map(format.line).join('')
    if (rows.length < BATCH) return
    rows = await log.following(filter, last, BATCH)
  }
}

const file = { schema: { type: 'string' } }

export const downloadRoutes: Array<Route<LogContext>> = [CSV, JSON_LINES].map(format => ({
  name: 'log-download',
  summary: 'The log as a file, newest first',
  method: 'GET',
  path: `/-/log.${format.ending}`,
  audience: 'administrators',
  schema: () => ({
    querystring: query(filterFields),
    response: {
      200: { description: 'The entries', content: { 'text/csv': file, 'application/jsonl': file } },
      ...away,
      ...refusals(...AT_THE_DOOR)
    }
  }),
  handler: createDownload(format)
}))
