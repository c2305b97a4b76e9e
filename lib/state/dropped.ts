import type { FastifyRequest } from 'fastify'
import { isForeignFetch, isLoopback } from '../http/origin.js'

/** Why a browser must drop the plugin's cookie: the setting, and what about it. */
export interface Dropped {
  setting: 'cookie.sameSite' | 'cookie.partitioned' | 'cookie.secure'
  why: string
}

const ON_HTTP = 'which browsers keep over https alone, and this start came by http: behind a TLS proxy set ' +
  'Fastify\'s trustProxy'

/**
 * What browsers do with a cookie of these settings that answers this request; null where they keep it. A start that was
 * answered by a cookie that is not kept would look like one, and all that follows would run as the impersonator.
 *
 * @see RFC 6265bis, section 5.7 "Storage Model", and CHIPS for `Partitioned`
 */
export function whyDropped (
  { sameSite, secure, partitioned }: {
    sameSite: 'lax' | 'strict' | 'none', secure: boolean | 'auto', partitioned: boolean
  },
  request: FastifyRequest
): Dropped | null {
  if (sameSite !== 'none' && isForeignFetch(request)) {
    return {
      setting: 'cookie.sameSite',
      why: `"cookie.sameSite" is "${sameSite}", and a script or frame of another site takes "none" (and ` +
        '"cookie.partitioned": true)'
    }
  }
  if (request.protocol === 'https') return null
  if (sameSite === 'none') return { setting: 'cookie.sameSite', why: `"cookie.sameSite" is "none", ${ON_HTTP}` }
  if (partitioned) return { setting: 'cookie.partitioned', why: `"cookie.partitioned" is true, ${ON_HTTP}` }
  if (secure !== true || isLoopback(request.host)) return null
  return { setting: 'cookie.secure', why: `"cookie.secure" is true, ${ON_HTTP}, or set it to "auto"` }
}
