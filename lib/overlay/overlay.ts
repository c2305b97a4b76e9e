import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { asImpersonation, type LogRow } from '../log/store.js'
import type { EndReason, Impersonated, Impersonation, User } from '../types/index.js'
import { stateOf } from './page-state.js'

const kReal = Symbol('fastify-impersonate.real')
const kOverlay = Symbol('fastify-impersonate.overlay')
const kOver = Symbol('fastify-impersonate.over')

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

declare module 'fastify' {
  interface FastifyRequest {
    [kReal]: User | null | undefined
    [kOverlay]: Overlay | null
    [kOver]: Over | null
  }
}

/** Adds everything of DESIGN's "on the request". All of it is on the prototypes, so a plain request costs nothing. */
export function decorateRequests (fastify: FastifyInstance): void {
  fastify.decorateRequest(kReal, null)
  fastify.decorateRequest(kOverlay, null)
  fastify.decorateRequest(kOver, null)
  // Typed by the getter alone: Fastify's type of decorateRequest would have a property here.
  fastify.decorateRequest('impersonator', { getter: impersonatorOf })
  fastify.decorateRequest('realUser', { getter: realUserOf })
  fastify.decorateRequest('impersonation', { getter: impersonationOf })

  if (!fastify.hasReplyDecorator('locals')) {
    const locals = new WeakMap<FastifyReply, object>()
    fastify.decorateReply('locals', {
      getter (this: FastifyReply) {
        const made = locals.get(this) ?? { impersonate: forTemplates(this.request) }
        locals.set(this, made)
        return made
      },
      setter (this: FastifyReply, value: object) {
        locals.set(this, { impersonate: forTemplates(this.request), ...value })
      }
    })
  }

  // Last, because @fastify/passport and @fastify/jwt decorate `user` themselves, whether they come before or after.
  fastify.addHook('onReady', function decorateUser (done) {
    if (!fastify.hasRequestDecorator('user')) {
      fastify.decorateRequest('user', { getter: effectiveUserOf, setter: setUser })
    }
    // Templates read it as `impersonate.field`, and `impersonate` is the request: that costs a plain request nothing.
    if (!fastify.hasRequestDecorator('field')) fastify.decorateRequest('field', { getter: fieldOf, setter: setField })
    done()
  })
}

/** This request runs as the person who is really signed in; null is nobody, undefined is "cannot tell". */
export function runAsReal (request: FastifyRequest, reply: FastifyReply, real: User | null | undefined): void {
  request[kReal] = real
  if (real !== null && real !== undefined && (request.user === null || request.user === undefined)) Reflect.set(request, 'user', real)
  exposeToTemplates(request, reply)
}

/** This request runs as the target. */
export function runAsTarget (request: FastifyRequest, reply: FastifyReply, row: LogRow, real: User, target: User, readOnly: boolean): void {
  const overlay: Overlay = {
    reply, row, real, user: ownCopy(target, () => overlay.real), impersonation: asImpersonation({ ...row, readOnly })
  }
  request[kReal] = real
  request[kOverlay] = overlay
  // On this request alone, whoever decorated `user` and however.
  Object.defineProperty(request, 'user', { get: effectiveUserOf, set: setUser, enumerable: Object.hasOwn(request, 'user'), configurable: true })
  exposeToTemplates(request, reply)
  // On the raw response, so that it survives reply.hijack(); onSend says it again where the handler said otherwise.
  reply.raw.setHeader('cache-control', PRIVATE)
}

export const PRIVATE = 'private, no-store'

/** Nobody but the impersonator's browser may keep what was shown as the target. */
export function keepPrivate (request: FastifyRequest, reply: FastifyReply): void {
  if (request[kOverlay] && !String(reply.getHeader('cache-control')).includes('immutable')) reply.header('cache-control', PRIVATE)
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

/** @fastify/view gives each request new locals where it was registered first. The request has just what templates need. */
function exposeToTemplates (request: FastifyRequest, reply: FastifyReply): void {
  if (!Object.hasOwn(reply, 'locals')) return
  const locals: unknown = Reflect.get(reply, 'locals')
  if (typeof locals === 'object' && locals !== null) Reflect.set(locals, 'impersonate', forTemplates(request))
}

/** Where the application has a `field` of its own, templates get ours all the same. */
function forTemplates (request: FastifyRequest): FastifyRequest {
  const has: unknown = Reflect.get(request, 'field')
  return has === stateOf(request) ? request : Object.create(request, { field: { get: () => stateOf(request) } })
}

/** An object of this request's own with the target's fields and prototype: the source may share or freeze what it returned. */
function ownCopy (target: User, impersonator: () => User): User & Impersonated {
  const all: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(target)
  const { isImpersonate, impersonator: another, ...fields } = all
  return Object.create(Object.getPrototypeOf(target), {
    ...fields,
    isImpersonate: { value: true },
    impersonator: { get: impersonator }
  })
}

function effectiveUserOf (this: FastifyRequest) {
  return this[kOverlay]?.user ?? this[kReal] ?? null
}

/** What others write is who is really signed in. Signing out within a request does not change who sent it. */
function setUser (this: FastifyRequest, user: User | null) {
  const overlay = this[kOverlay]
  if (!overlay) this[kReal] = user
  else if (user !== null && user !== undefined) overlay.real = user
}

function fieldOf (this: FastifyRequest) {
  return stateOf(this)
}

/** A `field` that a child plugin or a handler of the application's gives this request is theirs. */
function setField (this: FastifyRequest, value: unknown) {
  Object.defineProperty(this, 'field', { value, writable: true, enumerable: true, configurable: true })
}

function impersonatorOf (this: FastifyRequest) {
  return this[kOverlay]?.real ?? null
}

function realUserOf (this: FastifyRequest) {
  return this[kOverlay]?.real ?? this[kReal] ?? null
}

function impersonationOf (this: FastifyRequest) {
  return this[kOverlay]?.impersonation ?? null
}
