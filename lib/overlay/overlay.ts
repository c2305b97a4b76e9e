import type { FastifyReply, FastifyRequest } from 'fastify'
import { asImpersonation, type LogRow } from '../log/store.js'
import type { EndReason, Impersonated, Impersonation, User } from '../types/index.js'
import { exposeToTemplates } from './locals.js'
import { maskedUser } from './masked-user.js'
import { PRIVATE } from './private.js'
import { kOver, kOverlay, kReal } from './slots.js'
import { effectiveUserOf, setUser } from './user.js'

/** One request's view of a running impersonation. */
export interface Overlay {
  reply: FastifyReply
  row: LogRow
  user: User & Impersonated
  real: User
  impersonation: Impersonation
}

/** An impersonation that this request found over. */
export interface Over {
  /** Null where no row has the key. */
  row: LogRow | null
  reason: EndReason | null
}

/** This request runs as the person who is really signed in; null is nobody, undefined is "cannot tell". */
export function runAsReal (request: FastifyRequest, reply: FastifyReply, real: User | null | undefined): void {
  request[kReal] = real
  if (real !== null && real !== undefined && (request.user === null || request.user === undefined)) {
    Reflect.set(request, 'user', real)
  }
  exposeToTemplates(request, reply)
}

/** This request runs as the target. */
export function runAsTarget (
  request: FastifyRequest, reply: FastifyReply, row: LogRow, real: User, target: User, readOnly: boolean
): void {
  const overlay: Overlay = {
    reply, row, real, user: maskedUser(target, () => overlay.real), impersonation: asImpersonation({ ...row, readOnly })
  }
  request[kReal] = real
  request[kOverlay] = overlay
  // On this request alone, whoever decorated `user` and however.
  Object.defineProperty(request, 'user', {
    get: effectiveUserOf, set: setUser, enumerable: Object.hasOwn(request, 'user'), configurable: true
  })
  exposeToTemplates(request, reply)
  // On the raw response, so that it survives reply.hijack(); onSend says it again where the handler said otherwise.
  reply.raw.setHeader('cache-control', PRIVATE)
}

export function noteOver (request: FastifyRequest, over: Over): void {
  request[kOver] = over
}

export function overOf (request: FastifyRequest): Over | null {
  return request[kOver]
}

/** The row of the impersonation that this request runs under. */
export function activeRow (request: FastifyRequest): LogRow | null {
  return request[kOverlay]?.row ?? null
}

/** All of a request that runs as the target. */
export function overlayOf (request: FastifyRequest): Overlay | null {
  return request[kOverlay]
}

/** The real user; undefined where the request could not tell. */
export function knownRealUser (request: FastifyRequest): User | null | undefined {
  return request[kOverlay]?.real ?? request[kReal]
}
