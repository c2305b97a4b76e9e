import type { FastifyRequest } from 'fastify'
import type { User } from '../types/index.js'
import { kOverlay, kReal } from './slots.js'

/** What `request.user` shows. */
export function effectiveUserOf (this: FastifyRequest) {
  return this[kOverlay]?.user ?? this[kReal] ?? null
}

/** What others write is who is really signed in. Signing out within a request does not change who sent it. */
export function setUser (this: FastifyRequest, user: User | null) {
  const overlay = this[kOverlay]
  if (!overlay) this[kReal] = user
  else if (user !== null && user !== undefined) overlay.real = user
}
