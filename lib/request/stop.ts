import type { FastifyRequest } from 'fastify'

/** Whether this is a request to stop, which always works. */
export function isStop ({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.impersonateRoute === 'stop'
}
