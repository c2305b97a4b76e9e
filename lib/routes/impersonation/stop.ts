import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { isOwnNavigation } from '../../http/origin.js'
import { safePath } from '../../http/redirect.js'
import { urlOf } from '../../http/urls.js'
import { wantsJson } from '../../http/wants-json.js'
import { stopImpersonation } from '../../impersonation/stop.js'
import { textOf } from '../page/input.js'
import { askPage } from './ask.js'

export async function stopByPost (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { settings } = context
  const { user, returnTo } = await stopImpersonation(context, request, reply)
  const back = settings.useHttpReferer ? safePath(returnTo, settings.base) : null
  const redirect = back ?? safePath(wishOf(context, request), settings.base) ?? settings.redirectUrl
  if (!wantsJson(request)) return reply.redirect(redirect)
  return reply.send({ user: user === null ? null : settings.personOf(user), redirect })
}

/** Law 9, as for a start. */
export async function stopByGet (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { settings } = context
  if (settings.startByGet && isOwnNavigation(request.headers)) return await stopByPost(context, request, reply)
  const next = safePath(wishOf(context, request), settings.base)
  return await askPage(context, reply, { what: 'stop', name: null, action: urlOf(settings, 'stop', null), fields: next === null ? {} : { next } })
}

function wishOf ({ settings }: Context, { body, query }: FastifyRequest): string | undefined {
  const names = ['next', settings.redirectFieldName]
  return names.map(name => textOf(body, name) ?? textOf(query, name)).find(wish => wish !== undefined)
}
