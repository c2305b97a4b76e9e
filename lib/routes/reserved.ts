import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { FST_IMPERSONATE_METHOD_NOT_ALLOWED } from '../errors.js'
import { PAGES } from '../http/pages.js'
import type { Route } from './page/route.js'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/**
 * The routes that keep the names of pages from being users' ids. A method that the page does not take is refused.
 * A page that is not there is not found.
 */
export function reservedRoutes (served: ReadonlyArray<Pick<Route, 'method' | 'path'>>): Route[] {
  return PAGES.map(page => {
    const allowed = served.filter(({ path }) => path === `/${page}`).flatMap(({ method }) => method)
    const method = METHODS.filter(method => !allowed.includes(method))
    return { name: 'reserved', method, path: `/${page}`, audience: 'anybody', handler: refuseReserved }

    async function refuseReserved (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      if (allowed.length === 0) return reply.callNotFound()
      reply.header('allow', allowed.join(', '))
      throw new FST_IMPERSONATE_METHOD_NOT_ALLOWED()
    }
  })
}
