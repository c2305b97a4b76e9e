import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Context } from '../../context.js'
import {
  FST_IMPERSONATE_ALREADY_ACTIVE, FST_IMPERSONATE_CROSS_SITE, FST_IMPERSONATE_FORBIDDEN, FST_IMPERSONATE_LOG_READ_ONLY, FST_IMPERSONATE_NOT_AUTHENTICATED
} from '../../errors.js'
import { isCrossSite } from '../../http/origin.js'
import { checkStarter } from '../../impersonation/start.js'
import { overOf } from '../../overlay/overlay.js'
import { answerEnded } from '../../request/ended.js'
import type { RouteName } from '../../types/index.js'

/** Who gets through to a page: anybody, those who may impersonate, or those who see the log. */
export type Audience = 'anybody' | 'anybody-in-time' | 'impersonators' | 'administrators'

export interface PageRoute {
  name: RouteName
  method: HTTPMethods | HTTPMethods[]
  /** Below the prefix, without the trailing slash. */
  path: string
  audience: Audience
  /** The option that has to allow this, where one has to. */
  allowedBy?: { option: string, allows: boolean }
  schema?: object
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
}

const HIDDEN: object = { hide: true }

/** Adds a route of the plugin, with and without the trailing slash. */
export function addPage (scope: FastifyInstance, context: Context, ignoreTrailingSlash: boolean, { name, method, path, audience, allowedBy, schema = {}, handler }: PageRoute): void {
  const { settings } = context
  for (const url of ignoreTrailingSlash || path === '/' ? [path] : [path, `${path}/`]) {
    scope.route({
      method,
      url,
      // One of the two addresses is enough in the application's OpenAPI document.
      schema: url === path && !ignoreTrailingSlash ? { ...schema, ...HIDDEN } : schema,
      // A page that asks for the status now and then is nobody's activity.
      config: name === 'status' ? { impersonateRoute: name, impersonation: { keepAlive: false } } : { impersonateRoute: name },
      exposeHeadRoute: name !== 'start' && name !== 'stop',
      onRequest: letIn,
      handler
    })
  }

  /** Law and order: other site, over, already active, signed in, allowed. */
  async function letIn (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (isCrossSite(request.method, request.headers, request.host, settings.trustedOrigins)) throw new FST_IMPERSONATE_CROSS_SITE()
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
    if (allowedBy?.allows === false) throw new FST_IMPERSONATE_LOG_READ_ONLY(allowedBy.option)
  }
}

async function checkAdministrator ({ policy }: Context, request: FastifyRequest): Promise<void> {
  const real = request.realUser
  if (real === null) throw new FST_IMPERSONATE_NOT_AUTHENTICATED()
  if (!await policy.mayAdminister(request, real)) throw new FST_IMPERSONATE_FORBIDDEN()
}
