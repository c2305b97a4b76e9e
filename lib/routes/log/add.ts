import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { FST_IMPERSONATE_INVALID_INPUT } from '../../errors.js'
import { sendJson } from '../../http/send.js'
import { urlOf } from '../../http/urls.js'
import { wantsJson } from '../../http/wants-json.js'
import { entryOf } from '../../log/entry.js'
import { newRow } from '../../log/new-row.js'
import { endedAs } from '../../log/store.js'
import { hashKey, newKey } from '../../state/keys.js'
import type { Person } from '../../types/index.js'
import { CHANGING, forms, json, refusals } from '../page/answers.js'
import { date, id, object, reason as reasonField } from '../page/fields.js'
import { textOf } from '../page/input.js'
import type { LogContext, Route } from '../page/route.js'
import { entry } from '../page/shapes.js'
import { dateOf } from './filter.js'
import { administratorOf, noteChange } from './note.js'

async function addEntry (context: LogContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { body } = request
  const startedAt = dateOf('sessionStartedAt', textOf(body, 'sessionStartedAt'))
  const endedAt = dateOf('sessionEndedAt', textOf(body, 'sessionEndedAt'))
  if (startedAt === undefined || endedAt === undefined || endedAt < startedAt) {
    const rule = '"sessionEndedAt" in the body takes a time that is not before "sessionStartedAt"'
    throw new FST_IMPERSONATE_INVALID_INPUT(rule)
  }
  const impersonator = await personOf(context, String(textOf(body, 'impersonatorId')))
  const impersonating = await personOf(context, String(textOf(body, 'impersonatingId')))
  const reason = textOf(body, 'reason') ?? null
  const begun = newRow({ sessionKey: hashKey(newKey()), openKey: null, impersonator, impersonating, startedAt, reason })
  const ending = { reason: 'added' as const, at: endedAt, reportedAt: endedAt, by: administratorOf(context.settings, request) }
  const row = { ...begun, lastSeenAt: endedAt, ...endedAs(ending, begun) }
  await context.log.add(row)
  noteChange(context, request, row, 'added')
  if (wantsJson(request)) return sendJson(reply.code(201), entryOf(row))
  return reply.redirect(`${urlOf(context.settings, 'log', null)}${row.id}/`)
}

/** Somebody who has been deleted is entered by id alone. */
async function personOf ({ users, settings }: Context, id: string): Promise<Person> {
  const user = await users.find(id)
  return { id, name: user === null ? id : settings.nameOf(user) }
}

export const addEntryRoute: Route<LogContext> = {
  name: 'log-add',
  summary: 'Add a closed log entry by hand',
  method: 'POST',
  path: '/log',
  audience: 'administrators',
  allowedBy: { option: 'adminAddPermission', isGiven: ({ adminAddPermission }) => adminAddPermission },
  schema: () => ({
    body: object(
      { impersonatorId: id, impersonatingId: id, sessionStartedAt: date, sessionEndedAt: date, reason: reasonField },
      ['impersonatorId', 'impersonatingId', 'sessionStartedAt', 'sessionEndedAt']
    ),
    response: { 201: json('Added', entry), ...forms, ...refusals(...CHANGING, 'FST_IMPERSONATE_LOG_READ_ONLY') }
  }),
  handler: addEntry
}
