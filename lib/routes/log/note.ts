import type { FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import type { LogRow } from '../../log/store.js'

/** One line of the server's log about what somebody did with an entry of the log. */
export function noteChange (
  { settings }: Context, request: FastifyRequest,
  { id: impersonationId, impersonatorId, impersonatingId: userId }: LogRow, what: 'added' | 'changed' | 'deleted'
): void {
  const ids = { byId: administratorOf(settings, request).id, impersonationId, impersonatorId, userId }
  request.log.info(ids, `fastify-impersonate: a log entry was ${what} by hand`)
}

/** Nobody else gets to these pages. */
export function administratorOf ({ personOf }: Context['settings'], { realUser }: FastifyRequest) {
  return personOf(Object(realUser))
}
