import type { FastifyInstance, FastifyRequest } from 'fastify'
import { decorateLocals } from './locals.js'
import { kOver, kOverlay, kReal } from './slots.js'
import { effectiveUserOf, setUser } from './user.js'

/** Adds what a request has of the plugin. All of it is on the prototypes, so a plain request costs nothing. */
export function decorateRequests (fastify: FastifyInstance): void {
  fastify.decorateRequest(kReal, null)
  fastify.decorateRequest(kOverlay, null)
  fastify.decorateRequest(kOver, null)
  // Typed by the getter alone: Fastify's type of decorateRequest would have a property here.
  fastify.decorateRequest('impersonator', { getter: impersonatorOf })
  fastify.decorateRequest('realUser', { getter: realUserOf })
  fastify.decorateRequest('impersonation', { getter: impersonationOf })
  decorateLocals(fastify)

  // Last, because @fastify/passport and @fastify/jwt decorate `user` themselves, whether they come before or after.
  fastify.addHook('onReady', function decorateUser (done) {
    if (!fastify.hasRequestDecorator('user')) {
      fastify.decorateRequest('user', { getter: effectiveUserOf, setter: setUser })
    }
    done()
  })
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
