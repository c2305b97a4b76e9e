import type { FastifyReply, FastifyRequest } from 'fastify'
import { whyDropped, type Dropped } from './dropped.js'
import { hashKey } from './keys.js'

/** A key by its hash, whose row has not been read. */
export interface ClaimedKey { is: 'key', sessionKey: string }

/** The plugin's cookie: the only place that reads or writes it. */
export interface KeyCookie {
  /** Whether there may be one. For every request: no allocation. */
  mayBeIn (request: FastifyRequest): boolean
  /** Nothing, one key, or something no browser of ours sends. */
  read (request: FastifyRequest): 'none' | 'broken' | ClaimedKey
  /** Why this browser must drop it; null where it keeps it. */
  whyDropped (request: FastifyRequest): Dropped | null
  give (request: FastifyRequest, reply: FastifyReply, key: string): void
  clear (request: FastifyRequest, reply: FastifyReply): void
}

/** What is left out of a cookie's attributes would come from @fastify/cookie's `parseOptions`. */
const NOT_FROM_ELSEWHERE: object = {
  maxAge: undefined, expires: undefined, priority: undefined, encode: undefined
}

export function createKeyCookie (settings: {
  name: string
  path: string
  sameSite: 'lax' | 'strict' | 'none'
  secure: boolean | 'auto'
  partitioned?: boolean
  domain?: string
}): KeyCookie {
  const { name, path, sameSite, secure, partitioned = false, domain } = settings
  // A name with __Host- no other host can set. Browsers take it with the path / alone, and without a domain.
  const hostName = path === '/' ? `__Host-${name}` : name
  // As an object, because one that is undefined has to stand there all the same.
  const place: object = { domain }
  const safeName = domain === undefined ? hostName : `__Secure-${name}`

  function isSecure (request: FastifyRequest): boolean {
    return secure === 'auto' ? request.protocol === 'https' : secure
  }

  function nameFor (request: FastifyRequest): string {
    return isSecure(request) ? safeName : name
  }

  function attributesFor (request: FastifyRequest) {
    const secure = isSecure(request)
    return { ...NOT_FROM_ELSEWHERE, ...place, path, sameSite, secure, partitioned, httpOnly: true, signed: false }
  }

  return {
    mayBeIn: request => request.headers.cookie?.includes(name) === true,

    // The raw header, because the plugin's hook may run before @fastify/cookie's, which also hides a name that comes
    // twice.
    read (request) {
      const start = `${nameFor(request)}=`
      const values = (request.headers.cookie ?? '').split(';')
        .map(pair => pair.trim())
        .filter(pair => pair.startsWith(start))
        .map(pair => pair.slice(start.length))
      const [value] = values
      if (value === undefined) return 'none'
      return values.length === 1 && /^[\w-]{27}$/.test(value) ? { is: 'key', sessionKey: hashKey(value) } : 'broken'
    },

    whyDropped: request => whyDropped({ sameSite, secure, partitioned }, request),

    give (request, reply, key) {
      if (isSecure(request) && request.protocol === 'http') {
        request.log.warn('fastify-impersonate: "cookie.secure" is true, but this start came by http, where browsers drop such a cookie (unless at localhost): set it to "auto", and behind a TLS proxy set Fastify\'s trustProxy')
      }
      if (domain !== undefined && !`.${request.hostname}`.toLowerCase().endsWith(`.${domain}`.toLowerCase())) {
        request.log.warn(`fastify-impersonate: "cookie.domain" is ${domain}, but this start came to ${request.hostname}, where browsers drop such a cookie; behind a proxy set Fastify's trustProxy`)
      }
      reply.setCookie(nameFor(request), key, attributesFor(request))
    },

    clear (request, reply) {
      reply.setCookie(nameFor(request), '', { ...attributesFor(request), expires: new Date(0), maxAge: 0 })
    }
  }
}
