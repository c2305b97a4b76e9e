import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { stateOf } from './page-state.js'

/** `reply.locals` for applications without @fastify/view, or that register it later. It is made where it is read. */
export function decorateLocals (fastify: FastifyInstance): void {
  if (fastify.hasReplyDecorator('locals')) return
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

/** @fastify/view gives each request new locals where it was registered first. */
export function exposeToTemplates (request: FastifyRequest, reply: FastifyReply): void {
  if (!Object.hasOwn(reply, 'locals')) return
  const locals: unknown = Reflect.get(reply, 'locals')
  if (typeof locals === 'object' && locals !== null) Reflect.set(locals, 'impersonate', forTemplates(request))
}

/** Own, enumerable getters: Handlebars and LiquidJS read nothing that is inherited. */
function forTemplates (request: FastifyRequest): object {
  return {
    get user () { return request.user },
    get impersonator () { return request.impersonator },
    get realUser () { return request.realUser },
    get impersonation () { return request.impersonation },
    get field () { return stateOf(request) }
  }
}
