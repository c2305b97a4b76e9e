import type { FastifyRequest } from 'fastify'
import { isDeleted, webSession } from '../http/web-session.js'
import type { LogRow } from '../log/store.js'
import type { Settings } from '../settings.js'
import { goesWith } from '../state/keys.js'

/** Whether the application has ended, within an impersonated request, the sign-in that this request came with. */
export function isSignedOut ({ getRealUser, signInId, hasOwnSignInId }: Settings, request: FastifyRequest, row: LogRow): boolean {
  const session = webSession(request)
  if (getRealUser === undefined && String(session?.get('userId')) !== row.impersonatorId) return true
  // A `signInId` of the application's own knows better than a session that may be about something else.
  if (!hasOwnSignInId && session !== undefined && isDeleted(session)) return true
  try {
    return !goesWith(row, row.impersonatorId, signInId(request))
  } catch (err) {
    request.log.warn({ err }, 'fastify-impersonate: it cannot be told whether this request has signed out; the next one tells')
    return false
  }
}
