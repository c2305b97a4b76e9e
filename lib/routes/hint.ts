import type { FastifyError, FastifyRequest } from 'fastify'
import { isSessionLost, webSession } from '../http/web-session.js'
import type { Settings } from '../settings.js'

/** Why somebody is not let in, for the server's log: what a newcomer has most likely left out. */
export function hintOf (settings: Settings, { code }: FastifyError, request: FastifyRequest): string {
  switch (code) {
    case 'FST_IMPERSONATE_NOT_AUTHENTICATED': return `: ${whyNobody(settings, request)}`
    case 'FST_IMPERSONATE_FORBIDDEN': return `: ${whyForbidden(settings, request)}`
    default: return ''
  }
}

function whyNobody ({ getRealUser }: Settings, request: FastifyRequest): string {
  if (isSessionLost(request)) {
    return 'the session\'s cookie is for https alone, so on http there is none: register the session with ' +
      'cookie: { secure: \'auto\' }, and behind a TLS proxy set Fastify\'s trustProxy'
  }
  if (getRealUser !== undefined) return '"getRealUser" returned nobody'
  const id = webSession(request)?.get('userId')
  if (id !== undefined && id !== null) return 'the users have none with the id that is in session.userId'
  return 'there is no session.userId; set it at sign-in, or say with the option "getRealUser" who is signed in'
}

function whyForbidden (
  { isActive, customAllow, adminAllow, requireSuperuser }: Settings, request: FastifyRequest
): string {
  if (request.realUser !== null && !isActive(request.realUser)) return '"isActive" of the signed-in user is not true'
  if (/^(log|sessions)/.test(String(request.routeOptions.config.impersonateRoute))) {
    return adminAllow === undefined
      ? '"isSuperuser" of the signed-in user is not true; see the option "adminAllow"'
      : '"adminAllow" did not return true'
  }
  if (customAllow !== undefined) return '"customAllow" did not return true'
  if (requireSuperuser) return '"isSuperuser" of the signed-in user is not true, which "requireSuperuser" asks for'
  return 'neither "isStaff" nor "isSuperuser" of the signed-in user is true'
}
