import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { isOwnNavigation } from '../../http/origin.js'
import { safePath, safeReferer } from '../../http/redirect.js'
import { startAddress } from '../../http/urls.js'
import { wantsJson } from '../../http/wants-json.js'
import { checkStarter, findTarget, startImpersonation } from '../../impersonation/start.js'
import { textOf } from '../page/input.js'
import { askPage } from './ask.js'

/** Where a start is wished to lead: the form's or query's wish, where it is a path of this origin. */
export function wishOf ({ settings: { redirectFieldName, base } }: Context, request: FastifyRequest): string | null {
  return safePath(textOf(request.body, 'next') ?? textOf(request.body, redirectFieldName) ?? textOf(request.query, redirectFieldName), base)
}

export async function startByPost (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const userId = String(textOf(request.params, 'userId') ?? textOf(request.body, 'userId'))
  const { settings } = context
  const { referer } = request.headers
  const returnTo = settings.useHttpReferer ? safeReferer(referer, request.host, settings.base) : null
  const reason = textOf(request.body, 'reason')
  const { user, impersonator, impersonation } = await startImpersonation(context, request, reply, userId, { reason, returnTo })
  const redirect = wishOf(context, request) ?? settings.redirectUrl
  if (!wantsJson(request)) return reply.redirect(redirect)
  return reply.code(201).send({ user: settings.personOf(user), impersonator: settings.personOf(impersonator), impersonation, redirect })
}

/** A GET starts only where a page of our own origin is proven to have asked for it, and no reason is needed; otherwise a page asks. */
export async function startByGet (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { settings } = context
  if (settings.startByGet && settings.requireReason === null && isOwnNavigation(request.headers)) return await startByPost(context, request, reply)
  const userId = String(textOf(request.params, 'userId'))
  const target = await findTarget(context, request, await checkStarter(context, request), userId)
  const next = safePath(textOf(request.query, settings.redirectFieldName), settings.base)
  return await askPage(context, reply, { what: 'start', name: settings.nameOf(target), ...startAddress(settings, userId, next) })
}
