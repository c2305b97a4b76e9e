import type { FastifyRequest } from 'fastify'

/** What @fastify/session and @fastify/secure-session have in common. The only file that knows `request.session`. */
export interface WebSession {
  get (key: string): unknown
  set (key: string, value: unknown): void
  /** Of @fastify/secure-session: true once it was deleted. */
  readonly deleted?: boolean
}

/** The web session of this request; undefined where there is none: outside the session's cookie path, or destroyed. */
export function webSession (request: FastifyRequest): WebSession | undefined {
  const session: unknown = Reflect.get(request, 'session')
  return isWebSession(session) ? session : undefined
}

/**
 * @fastify/session's id of this sign-in. @fastify/secure-session has none: its cookie changes with each write. Nor has a
 * session that the browser did not bring along: beside a bearer's sign-in there is a new one for each request.
 */
export function sessionId (request: FastifyRequest): string | null {
  const session = webSession(request)
  const id: unknown = session === undefined ? null : Reflect.get(session, 'sessionId')
  return typeof id === 'string' && request.headers.cookie?.includes(encodeURIComponent(id)) === true ? id : null
}

/** From the next request on nobody is signed in, as far as the default `getRealUser` can tell. */
export function forgetSignIn (request: FastifyRequest): void {
  webSession(request)?.set('userId', undefined)
}

/** Whether this request's session is one of @fastify/session's that is never sent, as it is for https alone. */
export function isSessionLost (request: FastifyRequest): boolean {
  const cookie: unknown = Reflect.get(Object(webSession(request)), 'cookie')
  return request.protocol === 'http' && Reflect.get(Object(cookie), 'secure') === true
}

function isWebSession (value: unknown): value is WebSession {
  return typeof value === 'object' && value !== null &&
    'get' in value && typeof value.get === 'function' && 'set' in value && typeof value.set === 'function'
}
