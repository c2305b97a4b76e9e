import type { FastifyRequest } from 'fastify'
import type { Context } from './context.js'
import { createLiveSessions } from './live-sessions.js'
import { asRealUser } from './overlay.js'
import { mayImpersonate, refusalOf } from './policy.js'
import { safePath } from './redirect.js'
import { startImpersonation } from './start.js'
import { stopImpersonation } from './stop.js'
import type { ImpersonateApi, User } from './types.js'
import { startAddress, urlOf } from './urls.js'
import { within } from './within.js'

/** `fastify.impersonate`. */
export function createApi (context: Context): ImpersonateApi {
  const { settings, users, views, banner } = context

  async function isAllowed (request: FastifyRequest): Promise<boolean> {
    const real = request.realUser
    if (real === null || request.impersonator !== null) return false
    return await within(settings.timeout, '"customAllow" did not answer', async () => await mayImpersonate(settings, real, asRealUser(request)))
  }

  async function isAllowedFor (request: FastifyRequest, user: User): Promise<boolean> {
    const real = request.realUser
    if (real === null || refusalOf(settings, real, user) !== null || !await isAllowed(request)) return false
    const scope = await users.scopeOf(asRealUser(request))
    return scope === undefined || await users.find(settings.idOf(user), scope) !== null
  }

  return Object.freeze<ImpersonateApi>({
    url: (name, params) => urlOf(settings, name, params?.userId),
    isAllowed,
    isAllowedFor,
    start: async (request, reply, userId, { reason } = {}) => await startImpersonation(context, request, reply, String(userId), { reason }),
    stop: async (request, reply) => await stopImpersonation(context, request, reply),

    async link (request, user, { openNewWindow = false, next, text = settings.language.t('start.button') } = {}) {
      if (!await isAllowedFor(request, user)) return ''
      const { id, name } = settings.personOf(user)
      return await views.render('link', { ...startAddress(settings, id, safePath(next, settings.base)), name, text, openNewWindow })
    },

    banner (request) {
      const { first, last } = banner(request) ?? { first: '', last: '' }
      return first + last
    },

    addHook (name, hook) {
      if (typeof hook !== 'function') throw new TypeError(`addHook('${name}', …) takes a function`)
      const list = settings.hooks[name]
      if (list === undefined) throw new TypeError('addHook takes onSessionBegin or onSessionEnd')
      list.push(hook)
    },

    sessions: createLiveSessions(context),
    sweep: async () => await context.state.sweep()
  })
}
