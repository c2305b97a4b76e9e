import type { FastifyRequest } from 'fastify'
import { field, hasMethods } from '../is.js'

/** What @fastify/session and @fastify/secure-session have in common. The only file that knows `request.session`. */
export interface WebSession {
  get (key: string): unknown
  set (key: string, value: unknown): void
}

/** The web session of this request; undefined where there is none: outside the session's cookie path, or destroyed. */
export function webSession (request: FastifyRequest): WebSession | undefined {
  const session = field(request, 'session')
  return isWebSession(session) ? session : undefined
}

/**
 * @fastify/session's id of this sign-in. @fastify/secure-session has none: its cookie changes with each write. Nor has
 * a session that the browser did not bring along: beside a bearer's sign-in there is a new one for each request.
 */
export function sessionId (request: FastifyRequest): string | null {
  const session = webSession(request)
  const id = session === undefined || isInCookie(session) ? null : field(session, 'sessionId')
  return typeof id === 'string' && request.headers.cookie?.includes(encodeURIComponent(id)) === true ? id : null
}

/** Whether the application has deleted this session of @fastify/secure-session's, which stays readable. */
export function isDeleted (session: WebSession): boolean {
  return isInCookie(session) && field(session, 'deleted') === true
}

/**
 * Whether it is @fastify/secure-session's. Each plugin's own words have to be read from its own sessions alone: the
 * other one has under the same names what the application keeps.
 */
function isInCookie (session: WebSession): boolean {
  return hasMethods(session, ['delete'])
}

/** From the next request on nobody is signed in, as far as the default `getRealUser` can tell. */
export function forgetSignIn (request: FastifyRequest): void {
  webSession(request)?.set('userId', undefined)
}

/** Whether this request's session is one of @fastify/session's that is never sent, as it is for https alone. */
export function isSessionLost (request: FastifyRequest): boolean {
  const session = webSession(request)
  if (session === undefined || isInCookie(session)) return false
  return request.protocol === 'http' && field(field(session, 'cookie'), 'secure') === true
}

function isWebSession (value: unknown): value is WebSession {
  return typeof value === 'object' && value !== null &&
    'get' in value && typeof value.get === 'function' && 'set' in value && typeof value.set === 'function'
}
