import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import {
  FST_IMPERSONATE_ALREADY_ACTIVE, FST_IMPERSONATE_CROSS_SITE, FST_IMPERSONATE_FORBIDDEN, FST_IMPERSONATE_LOG_READ_ONLY,
  FST_IMPERSONATE_NOT_AUTHENTICATED
} from '../../errors.js'
import { isCrossSite } from '../../http/origin.js'
import { routerRules } from '../../http/paths.js'
import { asItIs } from '../../http/send.js'
import { checkStarter } from '../../impersonation/admission.js'
import { overOf } from '../../overlay/overlay.js'
import { answerEnded } from '../../request/ended.js'
import type { Settings } from '../../settings.js'
import type { Route } from './route.js'

/** Bodies are JSON or forms. */
const consumes = ['application/json', 'application/x-www-form-urlencoded']
export const HIDDEN = { hide: true, response: {} }
/** @fastify/accepts-serializer refuses whoever accepts none of the application's types, unless a route takes all. */
export const NEIGHBOURS = { serializers: [{ regex: /^/, serializer: asItIs }] }

/** Adds a route of the plugin, with and without the trailing slash. */
export function addPage<Needs extends Context> (scope: FastifyInstance, context: Needs, route: Route<Needs>): void {
  const { settings } = context
  const { name, method, path, audience, allowedBy, config, handler } = route
  const schema = describe(settings, route)
  const { ignoreTrailingSlash } = routerRules(scope)

  for (const url of ignoreTrailingSlash || path === '/' ? [path] : [path, `${path}/`]) {
    scope.route({
      method,
      url,
      // One of the two addresses is enough in the application's OpenAPI document.
      schema: url === path && !ignoreTrailingSlash ? { ...schema, hide: true } : schema,
      config: { ...NEIGHBOURS, ...config, impersonateRoute: name },
      exposeHeadRoute: name !== 'start' && name !== 'stop',
      onRequest: letIn,
      handler: handler.bind(null, context)
    })
  }

  /** In this order: other site, over, already active, signed in, allowed. */
  async function letIn (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { method, headers, host } = request
    if (isCrossSite(method, headers, host, settings.trustedOrigins)) throw new FST_IMPERSONATE_CROSS_SITE()
    if (audience === 'anybody') return
    const over = overOf(request)
    if (over !== null) {
      await answerEnded(context, request, reply, over)
      return reply
    }
    if (audience === 'anybody-in-time') return
    if (request.impersonation !== null) throw new FST_IMPERSONATE_ALREADY_ACTIVE()
    if (audience === 'impersonators') await checkStarter(context, request)
    else await checkAdministrator(context, request)
    if (allowedBy?.isGiven(settings) === false) throw new FST_IMPERSONATE_LOG_READ_ONLY(allowedBy.option)
  }
}

function describe<Needs extends Context> (settings: Settings, { summary, schema }: Route<Needs>): object {
  if (summary === undefined || schema === undefined) return HIDDEN
  const own = schema(settings)
  return { tags: ['impersonate'], summary, hide: settings.hideRoutes, ...('body' in own ? { consumes } : {}), ...own }
}

async function checkAdministrator ({ policy }: Context, request: FastifyRequest): Promise<void> {
  const real = request.realUser
  if (real === null) throw new FST_IMPERSONATE_NOT_AUTHENTICATED()
  if (!await policy.mayAdminister(request, real)) throw new FST_IMPERSONATE_FORBIDDEN()
}
