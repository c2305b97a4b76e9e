import type { FastifyRequest } from 'fastify'
import type { User } from '../types/index.js'
import { maskedUser } from './masked-user.js'
import { kOverlay, kReal, type Overlay } from './slots.js'

const IGNORED = 'fastify-impersonate: what is written to request.user while impersonating is ignored where it is ' +
  'neither the impersonator nor the user who is shown. This is said once'
let hasWarned = false

/** What `request.user` shows. */
export function effectiveUserOf (this: FastifyRequest) {
  return this[kOverlay]?.user ?? this[kReal] ?? null
}

/**
 * While impersonating, what others write counts only as a newer object of the same person: of the impersonator, as
 * @fastify/passport writes it later in the request, or of the target. Anything else would make one of them somebody
 * else.
 * Signing out within a request does not change who sent it.
 */
export function setUser (this: FastifyRequest, user: User | null) {
  const overlay = this[kOverlay]
  if (!overlay) {
    this[kReal] = user
    return
  }
  if (user === null || user === undefined || user === overlay.user) return
  const id = idOf(overlay, user)
  if (id === overlay.row.impersonatorId) overlay.real = user
  else if (id === overlay.row.impersonatingId) overlay.user = maskedUser(user, () => overlay.real)
  else if (!hasWarned) {
    hasWarned = true
    this.log.warn(IGNORED)
  }
}

/** Null for what is no user at all, such as a token's payload. */
function idOf ({ idOf }: Overlay, user: User): string | null {
  try {
    return idOf(user)
  } catch {
    return null
  }
}
