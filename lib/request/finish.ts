import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { activeRow } from '../overlay/overlay.js'
import { keepPrivate } from '../overlay/private.js'
import { endOfSignIn } from './sign-out.js'

/**
 * What is done in onSend: what was shown as the target is nobody else's to keep, and who has signed out meanwhile
 * impersonates no longer.
 */
export function createFinish ({ settings, state, log }: Context) {
  return function finishImpersonated (
    request: FastifyRequest, reply: FastifyReply, payload: unknown, done: () => void
  ): Promise<void> | undefined {
    keepPrivate(request, reply)
    const row = activeRow(request)
    // Without a log the state goes with the session.
    const reason = row === null || log === null ? null : endOfSignIn(settings, request, row)
    if (row === null || reason === null) {
      done()
      return undefined
    }
    // The cookie stays: whoever is signed in at the next request is told that it is over, and nobody silently becomes
    // another.
    const by = reason === 'logout' ? { id: row.impersonatorId, name: row.impersonatorName } : null
    return state.closeSurely(row, { reason, at: new Date(settings.now()), by }, { request })
  }
}
