import type { FastifyReply, FastifyRequest } from 'fastify'
import { hashKey } from './keys.js'

/** A key by its hash, whose row has not been read. */
export interface ClaimedKey { is: 'key', sessionKey: string }

/** The plugin's cookie: the only place that reads or writes it. */
export interface KeyCookie {
  /** Whether there may be one. For every request: no allocation. */
  mayBeIn (request: FastifyRequest): boolean
  /** Nothing, one key, or something no browser of ours sends. */
  read (request: FastifyRequest): 'none' | 'broken' | ClaimedKey
  give (request: FastifyRequest, reply: FastifyReply, key: string): void
  clear (request: FastifyRequest, reply: FastifyReply): void
}

/** What is left out of a cookie's attributes would come from @fastify/cookie's `parseOptions`. */
const NOT_FROM_ELSEWHERE: object = {
  domain: undefined, maxAge: undefined, expires: undefined, priority: undefined, encode: undefined
}

export function createKeyCookie ({ name, path, sameSite, secure }: {
  name: string, path: string, sameSite: 'lax' | 'strict' | 'none', secure: boolean | 'auto'
}): KeyCookie {
  const hostName = path === '/' ? `__Host-${name}` : name

  function isSecure (request: FastifyRequest): boolean {
    return secure === 'auto' ? request.protocol === 'https' : secure
  }

  function nameFor (request: FastifyRequest): string {
    return isSecure(request) ? hostName : name
  }

  function attributesFor (request: FastifyRequest) {
    const secure = isSecure(request)
    return { ...NOT_FROM_ELSEWHERE, path, sameSite, secure, httpOnly: true, signed: false, partitioned: false }
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

    give (request, reply, key) {
      if (isSecure(request) && request.protocol === 'http') {
        request.log.warn('fastify-impersonate: "cookie.secure" is true, but this start came by http, where browsers drop such a cookie (unless at localhost): set it to "auto", and behind a TLS proxy set Fastify\'s trustProxy')
      }
      reply.setCookie(nameFor(request), key, attributesFor(request))
    },

    clear (request, reply) {
      reply.setCookie(nameFor(request), '', { ...attributesFor(request), expires: new Date(0), maxAge: 0 })
    }
  }
}
