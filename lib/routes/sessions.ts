import type { FastifyReply, FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_LOG_NOT_FOUND } from '../errors.js'
import { numberedPage } from '../http/paging.js'
import { sendHtml, sendJson } from '../http/send.js'
import { urlOf } from '../http/urls.js'
import { wantsJson } from '../http/wants-json.js'
import { endAll, endOne } from '../impersonation/live-sessions.js'
import { deadlineOf } from '../log/deadlines.js'
import { entryOf } from '../log/entry.js'
import { atMost } from '../within.js'
import { AT_THE_DOOR, away, CHANGING, forms, json, pageOrJson, refusals } from './page/answers.js'
import { body, id, idInPath, object, optionalId, pageNumber, query } from './page/fields.js'
import { textOf } from './page/input.js'
import { navigationOf } from './page/navigation.js'
import type { LogContext, Route } from './page/route.js'
import { entry, pageLinks } from './page/shapes.js'

async function listSessions (context: LogContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { settings, log, state, views } = context
  const number = Number(textOf(request.query, 'page') ?? 1)
  const [impersonator, impersonating] = [textOf(request.query, 'impersonator'), textOf(request.query, 'impersonating')]
  const filter = { impersonator, impersonating }
  await atMost(settings.timeout, state.sweep())
  const { rows, hasNext, count, countIsExact } = await log.list({
    ...filter, session: 'incomplete', page: number, pageSize: settings.paginateCount, countLimit: settings.countLimit
  })
  const sessions = rows.map(row => ({ ...entryOf(row), endsAt: deadlineOf(settings, row).due.toISOString() }))
  const page = numberedPage(urlOf(settings, 'sessions', null), filter, number, hasNext)
  if (wantsJson(request)) return sendJson(reply, { sessions, page })
  const nav = await navigationOf(context, request, 'sessions')
  const html = await views.render('sessions', { sessions, page, filter, count, countIsExact, nav })
  return sendHtml(reply, html)
}

async function endSession (context: LogContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const row = await endOne(context, String(textOf(request.params, 'id')), { by: request.realUser, request })
  if (row === null) throw new FST_IMPERSONATE_LOG_NOT_FOUND()
  if (wantsJson(request) || request.method === 'DELETE') return sendJson(reply, entryOf(row))
  return reply.redirect(urlOf(context.settings, 'sessions', null))
}

async function endSessions (context: LogContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const [impersonator, impersonating] = [textOf(request.body, 'impersonator'), textOf(request.body, 'impersonating')]
  const filter = {
    ...(impersonator === undefined ? {} : { impersonator }),
    ...(impersonating === undefined ? {} : { impersonating })
  }
  const ended = await endAll(context, filter, { by: request.realUser, request })
  return wantsJson(request) ? sendJson(reply, { ended }) : reply.redirect(urlOf(context.settings, 'sessions', null))
}

/** A log entry, with when it ends if nothing happens any more. */
const session = { ...entry, properties: { ...entry.properties, endsAt: { type: 'string' } } }
const shown = { type: 'object', properties: { sessions: { type: 'array', items: session }, page: pageLinks } }

const end = {
  name: 'sessions-end',
  summary: 'End a live impersonation',
  audience: 'administrators',
  schema: () => ({
    params: idInPath,
    body: body({}),
    response: { 200: json('Ended', entry), ...forms, ...refusals(...CHANGING, 'FST_IMPERSONATE_LOG_NOT_FOUND') }
  }),
  handler: endSession
} as const satisfies Partial<Route<LogContext>>

/** The pages of live impersonations: who is in as whom, and ending them. */
export const sessionsRoutes: Array<Route<LogContext>> = [
  {
    name: 'sessions',
    summary: 'Live impersonations, newest first',
    method: 'GET',
    path: '/sessions',
    audience: 'administrators',
    schema: () => ({
      querystring: query({ impersonator: optionalId, impersonating: optionalId, page: pageNumber }),
      response: { 200: pageOrJson('A page of live impersonations', shown), ...away, ...refusals(...AT_THE_DOOR) }
    }),
    handler: listSessions
  },
  {
    name: 'sessions-end',
    summary: 'End all live impersonations of one person, of one user, or all',
    method: 'POST',
    path: '/sessions/end',
    audience: 'administrators',
    schema: () => ({
      body: {
        ...object({ impersonator: id, impersonating: id, all: { enum: [true, 'true'], description: 'true' } }),
        minProperties: 1,
        maxProperties: 1,
        description: 'one of impersonator, impersonating, all'
      },
      response: {
        200: json('How many this call ended', { type: 'object', properties: { ended: { type: 'integer' } } }),
        ...forms,
        ...refusals(...CHANGING)
      }
    }),
    handler: endSessions
  },
  { ...end, method: 'DELETE', path: '/sessions/:id' },
  { ...end, method: 'POST', path: '/sessions/:id/end' }
]
