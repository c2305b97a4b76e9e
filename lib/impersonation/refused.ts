import type { FastifyRequest } from 'fastify'
import { field } from '../is.js'
import type { Settings } from '../settings.js'

/** Thrown once, and met again on the way to its answer. */
const noted = new WeakSet<object>()

/**
 * One line of the server's log about who was refused what. An answer that is expected has no stack; a target that is
 * refused has its own line already, with the true cause.
 *
 * @param about the ids of what it was about, as far as they are known
 * @param hint what a newcomer has most likely left out
 */
export function noteRefusal (
  { idOf }: Pick<Settings, 'idOf'>, request: FastifyRequest, error: unknown,
  about: { userId?: string | undefined, impersonationId?: string | undefined }, hint = ''
): void {
  const [code, status] = [field(error, 'code'), Number(field(error, 'statusCode'))]
  if (!(status < 500) || code === 'FST_IMPERSONATE_TARGET_NOT_FOUND' || noted.has(Object(error))) return
  noted.add(Object(error))
  // No stack where it is one of ours, which people get every day; of what the application has thrown it tells where.
  const isOurs = String(code).startsWith('FST_IMPERSONATE_') && field(error, 'cause') === undefined
  const origin = isOurs ? {} : { err: error }
  const message = `${String(field(error, 'message'))}${hint}`
  request.log.info({ code, impersonatorId: idOfReal(), ...about, ...origin }, message)

  /** The refusal itself may be that nobody can say who this is. */
  function idOfReal (): string | undefined {
    const { realUser } = request
    if (realUser === null || realUser === undefined) return undefined
    try {
      return idOf(realUser)
    } catch (err) {
      request.log.warn({ err }, 'fastify-impersonate: it cannot be told who was refused')
      return undefined
    }
  }
}
