import type { FastifyRequest } from 'fastify'

/** The request as the application's functions see it: no impersonation, the real user. The request itself stays as it is. */
export function asRealUser (request: FastifyRequest): FastifyRequest {
  const real = request.realUser
  return Object.create(request, {
    user: { value: real, enumerable: true },
    realUser: { value: real, enumerable: true },
    impersonator: { value: null, enumerable: true },
    impersonation: { value: null, enumerable: true }
  })
}
