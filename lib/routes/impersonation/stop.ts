import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { isOwnNavigation } from '../../http/origin.js'
import { safePath } from '../../http/redirect.js'
import { sendJson } from '../../http/send.js'
import { urlOf } from '../../http/urls.js'
import { wantsJson } from '../../http/wants-json.js'
import { stopImpersonation } from '../../impersonation/stop.js'
import { forms, json, pageOrJson, refusals } from '../page/answers.js'
import type { Route } from '../page/route.js'
import { maybePerson } from '../page/shapes.js'
import { askPage } from './ask.js'
import { nextOfStop } from './next.js'

async function stopByPost (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { settings, destinations } = context
  const { user, returnTo } = await stopImpersonation(context, request, reply)
  const back = settings.useHttpReferer ? safePath(returnTo, destinations.bases) : null
  const redirect = nextOfStop(context, request) ?? back ?? settings.redirectUrl
  if (!wantsJson(request)) return reply.redirect(redirect)
  return sendJson(reply, { user: user === null ? null : settings.personOf(user), redirect })
}

/** Law 9, as for a start. */
async function stopByGet (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { settings } = context
  if (settings.startByGet && isOwnNavigation(request.headers)) return await stopByPost(context, request, reply)
  const next = nextOfStop(context, request)
  const fields = next === null ? {} : { next }
  return await askPage(context, reply, { what: 'stop', name: null, action: urlOf(settings, 'stop', null), fields })
}

const stopped = { type: 'object', properties: { user: maybePerson, redirect: { type: 'string' } } }
const answers = {
  200: json('Stopped, also where nothing ran', stopped), ...forms, ...refusals('FST_IMPERSONATE_CROSS_SITE')
}

/**
 * Law 5: @fastify/rate-limit counts no stop. @fastify/under-pressure lets it through, as this handler answers nothing.
 */
const config = { rateLimit: false, pressureHandler: () => {} }

const stop = { name: 'stop', path: '/stop', audience: 'anybody', config } as const

/** They take no identity and any input, so there is nothing to check. */
export const stopRoutes: Route[] = [
  {
    ...stop,
    summary: 'Ask for, or from an own page do, a stop of the impersonation',
    method: 'GET',
    schema: () => ({ response: { ...answers, 200: pageOrJson('The page that asks; stopped, as JSON', stopped) } }),
    handler: stopByGet
  },
  {
    ...stop,
    summary: 'Stop the impersonation',
    method: 'POST',
    schema: () => ({ response: answers }),
    handler: stopByPost
  }
]
