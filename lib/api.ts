import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from './context.js'
import { safeDestination } from './http/redirect.js'
import { startAddress, urlOf } from './http/urls.js'
import { createLiveSessions } from './impersonation/live-sessions.js'
import { startImpersonation } from './impersonation/start.js'
import { stopImpersonation } from './impersonation/stop.js'
import { isStaleField } from './overlay/page-state.js'
import { refusalOf } from './policy/target.js'
import type { ImpersonateApi, User } from './types/index.js'
import { scriptTag } from './views/script-tag.js'

/** `fastify.impersonate`. What it needs of a request is the same whatever the server. */
export function createApi (context: Context): ImpersonateApi {
  const { settings, policy, users, hooks, views, banner, isExcluded } = context
  const { t } = settings.language

  async function isAllowed (request: FastifyRequest): Promise<boolean> {
    const real = request.realUser
    if (real === null || request.impersonator !== null) return false
    return await policy.mayImpersonate(request, real)
  }

  async function isAllowedFor (request: FastifyRequest, user: User): Promise<boolean> {
    const real = request.realUser
    if (real === null || refusalOf(settings, real, user) !== null || !await isAllowed(request)) return false
    const scope = await policy.scopeOf(request)
    return scope === undefined || await users.find(settings.idOf(user), scope) !== null
  }

  return Object.freeze<ImpersonateApi>({
    url: (name, params) => urlOf(settings, name, params?.userId),
    isAllowed,
    isAllowedFor,
    start: (request: FastifyRequest, reply: FastifyReply, userId, { reason } = {}) =>
      startImpersonation(context, request, reply, String(userId), { reason }),
    stop: (request: FastifyRequest, reply: FastifyReply) => stopImpersonation(context, request, reply),

    async link (request: FastifyRequest, user, { openNewWindow = false, next, text = t('start.button') } = {}) {
      if (!await isAllowedFor(request, user)) return ''
      const { id, name } = settings.personOf(user)
      const address = startAddress(settings, id, safeDestination(next, context.destinations))
      return await views.render('link', { ...address, name, text, openNewWindow })
    },

    banner (request: FastifyRequest) {
      const { first, last } = banner(request) ?? { first: '', last: '' }
      return first + last
    },

    isStale: (request: FastifyRequest, value) => isStaleField(request, value) && !isExcluded(request),
    script: (request: FastifyRequest | undefined, options) => scriptTag(settings, request, options),

    addHook: (name, hook) => hooks.add(name, hook),
    sessions: createLiveSessions(context),
    sweep: () => context.state.sweep()
  })
}
