import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { sendJson } from '../../http/send.js'
import { json, refusals } from '../page/answers.js'
import { query } from '../page/fields.js'
import type { Route } from '../page/route.js'
import { impersonation, maybePerson } from '../page/shapes.js'

async function showStatus (
  { settings: { personOf } }: Context, request: FastifyRequest, reply: FastifyReply
): Promise<unknown> {
  const { user, impersonator, impersonation } = request
  return sendJson(reply.header('cache-control', 'private, no-store'), {
    isImpersonate: impersonation !== null,
    user: user === null || user === undefined ? null : personOf(user),
    impersonator: impersonator === null ? null : personOf(impersonator),
    impersonation
  })
}

/** As whom this browser is seen, for pages that have no other way to know. */
export const statusRoute: Route = {
  name: 'status',
  summary: 'As whom this browser is seen',
  method: 'GET',
  path: '/status',
  audience: 'anybody-in-time',
  // A page that asks now and then is nobody's activity.
  config: { impersonation: { keepAlive: false } },
  schema: () => ({
    querystring: query({}),
    response: {
      200: json('Who this browser is, nulls for nobody', {
        type: 'object',
        properties: { isImpersonate: { type: 'boolean' }, user: maybePerson, impersonator: maybePerson, impersonation }
      }),
      ...refusals('FST_IMPERSONATE_INVALID_INPUT', 'FST_IMPERSONATE_ENDED', 'FST_IMPERSONATE_UNAVAILABLE')
    }
  }),
  handler: showStatus
}
