import type { FastifyRequest } from 'fastify'

/**
 * The request as the application's functions see it: no impersonation, the real user. The request itself stays as it
 * is; what they write (@fastify/jwt's `jwtVerify` writes `user`) stays with them.
 */
export function asRealUser (request: FastifyRequest): FastifyRequest {
  const real = request.realUser
  return Object.create(request, {
    user: field(real),
    realUser: field(real),
    impersonator: field(null),
    impersonation: field(null)
  })
}

function field (value: unknown): PropertyDescriptor {
  return { value, writable: true, enumerable: true, configurable: true }
}
