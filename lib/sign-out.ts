import type { FastifyRequest } from 'fastify'
import type { LogRow } from './log/store.js'
import type { Settings } from './options.js'
import { webSession } from './session.js'
import { openKeyOf } from './state.js'

/** Whether the application has ended, within an impersonated request, the sign-in that this request came with. */
export function isSignedOut ({ getRealUser, signInId }: Settings, request: FastifyRequest, row: LogRow): boolean {
  const session = webSession(request)
  return session?.deleted === true ||
    row.openKey !== openKeyOf(row.impersonatorId, signInId(request)) ||
    (getRealUser === undefined && String(session?.get('userId')) !== row.impersonatorId)
}
