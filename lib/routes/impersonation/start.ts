import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { isOwnNavigation } from '../../http/origin.js'
import { safeReferer } from '../../http/redirect.js'
import { sendJson } from '../../http/send.js'
import { startAddress } from '../../http/urls.js'
import { wantsJson } from '../../http/wants-json.js'
import { checkStarter, findTarget } from '../../impersonation/admission.js'
import { startImpersonation } from '../../impersonation/start.js'
import { CHANGING, forms, html, json, refusals } from '../page/answers.js'
import { body, id, object, path, query, redirectField } from '../page/fields.js'
import { textOf } from '../page/input.js'
import type { Route } from '../page/route.js'
import { impersonation, person } from '../page/shapes.js'
import { askPage } from './ask.js'
import { nextOfStart } from './next.js'

async function startByPost (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { settings, destinations } = context
  const userId = String(textOf(request.params, 'userId') ?? textOf(request.body, 'userId'))
  const { referer } = request.headers
  const returnTo = settings.useHttpReferer ? safeReferer(referer, request.host, destinations.bases) : null
  const reason = textOf(request.body, 'reason')
  const started = await startImpersonation(context, request, reply, userId, { reason, returnTo })
  const redirect = nextOfStart(context, request) ?? settings.redirectUrl
  if (!wantsJson(request)) return reply.redirect(redirect)
  return sendJson(reply.code(201), {
    user: settings.personOf(started.user),
    impersonator: settings.personOf(started.impersonator),
    impersonation: started.impersonation,
    redirect
  })
}

/** Law 9: a GET starts only where it is proven to come from an own page. Otherwise a page asks, as for a reason. */
async function startByGet (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { settings } = context
  const mayStart = settings.startByGet && settings.requireReason === null
  if (mayStart && isOwnNavigation(request.headers)) return await startByPost(context, request, reply)
  const userId = String(textOf(request.params, 'userId'))
  const target = await findTarget(context, request, await checkStarter(context, request), userId)
  const address = startAddress(settings, userId, nextOfStart(context, request))
  return await askPage(context, reply, { what: 'start', name: settings.nameOf(target), ...address })
}

/** How long it may be is told by the start itself: 422, and the page asks again. */
const reason = { type: ['string', 'null'], description: 'a text' }
const answers = {
  201: json('Started', {
    type: 'object', properties: { user: person, impersonator: person, impersonation, redirect: { type: 'string' } }
  }),
  ...forms,
  ...refusals(
    ...CHANGING, 'FST_IMPERSONATE_TARGET_NOT_FOUND', 'FST_IMPERSONATE_COOKIE_DROPPED',
    'FST_IMPERSONATE_REASON_REQUIRED', 'FST_IMPERSONATE_ABORTED'
  )
}

const start = { name: 'start', audience: 'impersonators' } as const

export const startRoutes: Route[] = [
  {
    ...start,
    summary: 'Start an impersonation of a user whose id is the name of a page',
    method: 'POST',
    path: '/-/start',
    schema: settings => ({
      querystring: query(redirectField(settings)),
      body: object({ userId: id, reason, next: path, ...redirectField(settings) }, ['userId']),
      response: answers
    }),
    handler: startByPost
  },
  {
    ...start,
    summary: 'Ask for, or from an own page start, an impersonation',
    method: 'GET',
    path: '/:userId',
    schema: settings => ({
      params: object({ userId: id }),
      querystring: query(redirectField(settings)),
      response: { 200: html('The page that asks'), ...answers }
    }),
    handler: startByGet
  },
  {
    ...start,
    summary: 'Start an impersonation',
    method: 'POST',
    path: '/:userId',
    schema: settings => ({
      params: object({ userId: id }),
      querystring: query(redirectField(settings)),
      body: body({ reason, next: path, ...redirectField(settings) }),
      response: answers
    }),
    handler: startByPost
  }
]
