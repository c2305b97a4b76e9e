import type { FastifyRequest } from 'fastify'
import { isDeleted, webSession } from '../http/web-session.js'
import type { LogRow } from '../log/store.js'
import type { Settings } from '../settings.js'
import { goesWith } from '../state/keys.js'

const UNTOLD = 'fastify-impersonate: it cannot be told whether this request has signed out; the next one tells'

/**
 * How the application has ended, within an impersonated request, the sign-in that this request came with; null where it
 * goes on.
 */
export function endOfSignIn (
  { getRealUser, signInId, hasOwnSignInId }: Settings, request: FastifyRequest, row: LogRow
): 'logout' | 'target_signed_in' | null {
  const session = webSession(request)
  if (getRealUser === undefined) {
    const id = String(session?.get('userId'))
    if (id === row.impersonatingId) return 'target_signed_in'
    if (id !== row.impersonatorId) return 'logout'
  }
  // A `signInId` of the application's own knows better than a session that may be about something else.
  if (!hasOwnSignInId && session !== undefined && isDeleted(session)) return 'logout'
  try {
    return goesWith(row, row.impersonatorId, signInId(request)) ? null : 'logout'
  } catch (err) {
    request.log.warn({ err }, UNTOLD)
    return null
  }
}
