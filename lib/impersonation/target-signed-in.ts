import type { FastifyRequest } from 'fastify'
import { forgetSignIn } from '../http/web-session.js'
import type { LogRow } from '../log/store.js'
import type { Settings } from '../settings.js'
import type { User } from '../types/index.js'

/**
 * Whether the application has signed the target in where the impersonator was: it writes `session.userId =
 * request.user.id` when somebody changes their e-mail address, say. Without the mask, the impersonator would go on as
 * the target.
 */
export function isTargetSignedIn ({ idOf }: Settings, real: User | null | undefined, row: LogRow | null): boolean {
  if (real === null || real === undefined || row === null) return false
  const isRunning = row.sessionEndedAt === null || row.endReason === 'target_signed_in'
  return isRunning && idOf(real) === row.impersonatingId
}

/** Nobody goes on as the target: where the plugin itself finds the sign-in, it is taken out. */
export function signTargetOut ({ getRealUser }: Settings, request: FastifyRequest, row: LogRow): void {
  if (getRealUser === undefined) forgetSignIn(request)
  const { id: impersonationId, impersonatorId, impersonatingId } = row
  request.log.error({ impersonationId, impersonatorId, impersonatingId }, SIGNED_IN)
}

const SIGNED_IN = 'fastify-impersonate: while impersonating, the application has signed in the user who is seen. A sign-in is ' +
  'renewed for request.realUser, never for request.user'
