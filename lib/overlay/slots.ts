import type { User } from '../types/index.js'
import type { Over, Overlay } from './overlay.js'

/** Where a request keeps what is known of it. */
export const kReal = Symbol('fastify-impersonate.real')
export const kOverlay = Symbol('fastify-impersonate.overlay')
export const kOver = Symbol('fastify-impersonate.over')

declare module 'fastify' {
  interface FastifyRequest {
    [kReal]: User | null | undefined
    [kOverlay]: Overlay | null
    [kOver]: Over | null
  }
}
