import type { FastifyReply } from 'fastify'
import type { LogRow } from '../log/store.js'
import type { EndReason, Impersonated, Impersonation, User } from '../types/index.js'

/** One request's view of a running impersonation. */
export interface Overlay {
  reply: FastifyReply
  row: LogRow
  user: User & Impersonated
  real: User
  impersonation: Impersonation
  /** @throws where it is no user */
  idOf (user: User): string
}

/** An impersonation that this request found over. */
export interface Over {
  /** Null where no row has the key. */
  row: LogRow | null
  reason: EndReason | null
}

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
