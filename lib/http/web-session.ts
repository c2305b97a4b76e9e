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

/** A cookie of @fastify/secure-session's, whatever its name: it ends with a nonce, which no two of them share. */
const HOLDS_SESSION = /=(.+%3B(?:\w|%2[BF]){32})(?:\.[^.]*)?$/i

/** What requests have in common that have read one web session, in one state of it. */
export function sessionMarks (request: FastifyRequest): string[] {
  const id = sessionId(request)
  if (id !== null) return [`session:${id}`]
  const cookies = (request.headers.cookie ?? '').split(';')
  return cookies.flatMap(cookie => HOLDS_SESSION.exec(cookie)?.[1] ?? []).map(value => `cookie:${value}`)
}

/** Puts a value where the next save of a session takes it along, without being a reason to save it. */
export function setInSave (session: WebSession, key: string, value: unknown): void {
  if (isInCookie(session)) {
    const changed = field(session, 'changed')
    session.set(key, value)
    Reflect.set(session, 'changed', changed)
    return
  }
  const save = field(Object.getPrototypeOf(session), 'save')
  if (typeof save !== 'function') return
  // Not in the session itself before that: @fastify/session would take it for a change, and save what is old besides.
  Object.defineProperty(session, 'save', {
    configurable: true,
    value (...given: unknown[]): unknown {
      session.set(key, value)
      return Reflect.apply(save, session, given)
    }
  })
}

/** What browsers take of a cookie, and what of it may go to its name, a signature and characters that are escaped. */
const LARGEST_COOKIE = 4096
const MARGIN = 200

/** Whether a session still fits its cookie, where it is kept in one, with this in it. */
export function fitsCookie (session: WebSession, key: string, value: unknown): boolean {
  if (!hasMethods(session, ['delete', 'data'])) return true
  const data: unknown = Object(session).data()
  const text = JSON.stringify({ ...Object(data), __ts: Math.round(Date.now() / 1000), [key]: value })
  const encoded = Math.ceil((Buffer.byteLength(text) + 16) / 3) * 4
  // Of base64, two characters of 64 take three times the room.
  return encoded * 17 / 16 + MARGIN <= LARGEST_COOKIE
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
