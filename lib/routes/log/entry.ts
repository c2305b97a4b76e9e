import type { FastifyReply, FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_LOG_NOT_FOUND, FST_IMPERSONATE_LOG_OPEN } from '../../errors.js'
import { sendHtml, sendJson } from '../../http/send.js'
import { urlOf } from '../../http/urls.js'
import { wantsJson } from '../../http/wants-json.js'
import { entryOf } from '../../log/entry.js'
import type { LogRow } from '../../log/store.js'
import { AT_THE_DOOR, away, CHANGING, forms, json, pageOrJson, refusals, type Refusal } from '../page/answers.js'
import { body, idInPath, object, query, reason } from '../page/fields.js'
import { textOf } from '../page/input.js'
import { navigationOf } from '../page/navigation.js'
import type { LogContext, Route } from '../page/route.js'
import { entry } from '../page/shapes.js'
import { noteChange } from './note.js'

async function showEntry (context: LogContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { settings, views } = context
  const row = await find(context, request)
  reply.header('cache-control', 'no-store')
  if (wantsJson(request)) return sendJson(reply, entryOf(row))
  const { ipAddress, userAgent } = row
  const isClosed = row.sessionEndedAt !== null
  const html = await views.render('log-entry', {
    entry: { ...entryOf(row), ipAddress, userAgent },
    mayEdit: isClosed && !settings.adminReadOnly,
    mayDelete: isClosed && settings.adminDeletePermission,
    nav: await navigationOf(context, request, 'log')
  })
  return sendHtml(reply, html)
}

async function editEntry (context: LogContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const row = await findClosed(context, request)
  const reason = textOf(request.body, 'reason') ?? null
  if (!await context.log.changeReason(row.id, reason)) throw new FST_IMPERSONATE_LOG_NOT_FOUND()
  noteChange(context, request, row, 'changed')
  if (wantsJson(request)) return sendJson(reply, entryOf({ ...row, reason }))
  return reply.redirect(`${urlOf(context.settings, 'log', null)}${encodeURIComponent(row.id)}/`)
}

async function deleteEntry (context: LogContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const row = await findClosed(context, request)
  if (!await context.log.remove(row.id)) throw new FST_IMPERSONATE_LOG_NOT_FOUND()
  noteChange(context, request, row, 'deleted')
  if (wantsJson(request) || request.method === 'DELETE') return reply.code(204).send()
  return reply.redirect(urlOf(context.settings, 'log', null))
}

async function findClosed (context: LogContext, request: FastifyRequest): Promise<LogRow> {
  const row = await find(context, request)
  if (row.sessionEndedAt === null) throw new FST_IMPERSONATE_LOG_OPEN()
  return row
}

async function find ({ log }: LogContext, { params }: FastifyRequest): Promise<LogRow> {
  const row = await log.findById(String(textOf(params, 'id')))
  if (row === null) throw new FST_IMPERSONATE_LOG_NOT_FOUND()
  return row
}

const CHANGING_ENTRY: Refusal[] = [
  ...CHANGING, 'FST_IMPERSONATE_LOG_READ_ONLY', 'FST_IMPERSONATE_LOG_NOT_FOUND', 'FST_IMPERSONATE_LOG_OPEN'
]

const show = {
  name: 'log-entry',
  summary: 'One log entry',
  audience: 'administrators',
  schema: () => ({
    params: idInPath,
    querystring: query({}),
    response: {
      200: pageOrJson('The entry', entry),
      ...away,
      ...refusals(...AT_THE_DOOR, 'FST_IMPERSONATE_LOG_NOT_FOUND')
    }
  }),
  handler: showEntry
} as const satisfies Partial<Route<LogContext>>

const edit = {
  name: 'log-edit',
  summary: 'Change the reason of a closed log entry',
  audience: 'administrators',
  allowedBy: { option: 'adminReadOnly', isGiven: ({ adminReadOnly }) => !adminReadOnly },
  schema: () => ({
    params: idInPath,
    body: object({ reason }, ['reason']),
    response: { 200: json('Changed', entry), ...forms, ...refusals(...CHANGING_ENTRY) }
  }),
  handler: editEntry
} as const satisfies Partial<Route<LogContext>>

const remove = {
  name: 'log-delete',
  summary: 'Delete a closed log entry',
  audience: 'administrators',
  allowedBy: { option: 'adminDeletePermission', isGiven: ({ adminDeletePermission }) => adminDeletePermission },
  schema: () => ({
    params: idInPath,
    body: body({}),
    response: { 204: { type: 'null', description: 'Deleted' }, ...forms, ...refusals(...CHANGING_ENTRY) }
  }),
  handler: deleteEntry
} as const satisfies Partial<Route<LogContext>>

/** A form can do no PATCH and no DELETE: for it there is a POST beside each. */
export const entryRoutes: Array<Route<LogContext>> = [
  { ...show, method: 'GET', path: '/log/:id' },
  { ...edit, method: 'PATCH', path: '/log/:id' },
  { ...edit, method: 'POST', path: '/log/:id' },
  { ...remove, method: 'DELETE', path: '/log/:id' },
  { ...remove, method: 'POST', path: '/log/:id/delete' }
]
