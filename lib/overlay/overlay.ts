import type { FastifyReply, FastifyRequest } from 'fastify'
import { asImpersonation, type LogRow } from '../log/store.js'
import type { User } from '../types/index.js'
import { exposeToTemplates } from './locals.js'
import { maskedUser } from './masked-user.js'
import { keepRawPrivate } from './private.js'
import { kOver, kOverlay, kReal, type Over, type Overlay } from './slots.js'
import { effectiveUserOf, setUser } from './user.js'

export type { Over, Overlay } from './slots.js'

/** This request runs as the person who is really signed in; null is nobody, undefined is "cannot tell". */
export function runAsReal (request: FastifyRequest, reply: FastifyReply, real: User | null | undefined): void {
  request[kReal] = real
  if (real !== null && real !== undefined && (request.user === null || request.user === undefined)) {
    Reflect.set(request, 'user', real)
  }
  exposeToTemplates(request, reply)
}

/** This request runs as nobody, whoever is signed in. */
export function runAsNobody (request: FastifyRequest, reply: FastifyReply): void {
  Reflect.set(request, 'user', null)
  runAsReal(request, reply, null)
}

/** An impersonation that holds. */
interface Running {
  row: LogRow
  real: User
  target: User
  readOnly: boolean
}

/** This request runs as the target. */
export function runAsTarget (
  request: FastifyRequest, reply: FastifyReply, idOf: Overlay['idOf'], { row, real, target, readOnly }: Running
): void {
  const overlay: Overlay = {
    reply,
    row,
    real,
    idOf,
    user: maskedUser(target, () => overlay.real),
    impersonation: asImpersonation({ ...row, readOnly })
  }
  request[kReal] = real
  request[kOverlay] = overlay
  // On this request alone, whoever decorated `user` and however.
  Object.defineProperty(request, 'user', {
    get: effectiveUserOf, set: setUser, enumerable: Object.hasOwn(request, 'user'), configurable: true
  })
  exposeToTemplates(request, reply)
  keepRawPrivate(reply.raw)
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
