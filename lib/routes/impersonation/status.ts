import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'

/** As whom this browser is seen, for pages that have no other way to know. */
export async function showStatus ({ settings: { personOf } }: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { user, impersonator, impersonation } = request
  return reply.header('cache-control', 'private, no-store').send({
    isImpersonate: impersonation !== null,
    user: user === null || user === undefined ? null : personOf(user),
    impersonator: impersonator === null ? null : personOf(impersonator),
    impersonation
  })
}
