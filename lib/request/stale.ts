import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { FST_IMPERSONATE_STALE_PAGE } from '../errors.js'
import { isStaleField, takeStateField } from '../overlay/page-state.js'
import { isStop } from './stop.js'

/** What refuses a form that was made in another state. The field is taken out before any schema sees it. */
export function createFormCheck ({ isExcluded }: Context) {
  return function refuseStaleForm (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    const isStale = isStaleField(request, takeStateField(request)) && !isExcluded(request) && !isStop(request)
    done(isStale ? new FST_IMPERSONATE_STALE_PAGE() : undefined)
  }
}
