import type { FastifyReply, FastifyRequest } from 'fastify'
import { kOverlay } from './slots.js'

export const PRIVATE = 'private, no-store'

/** Nobody but the impersonator's browser may keep what was shown as the target. */
export function keepPrivate (request: FastifyRequest, reply: FastifyReply): void {
  if (!request[kOverlay] || String(reply.getHeader('cache-control')).includes('immutable')) return
  reply.header('cache-control', PRIVATE)
}
