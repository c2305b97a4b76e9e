import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { wantsJson } from './wants-json.js'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether an unsafe request comes from a page of another site.
 *
 * `Sec-Fetch-Site` decides where the browser sends it; on plain http it does not, and `Origin` has to be this host.
 * A request with neither was not made by a page in a browser. See OWASP's CSRF cheat sheet, "Fetch Metadata headers".
 */
export function isCrossSite (
  method: string, headers: IncomingHttpHeaders, host: string, trustedOrigins: ReadonlySet<string>
): boolean {
  if (SAFE_METHODS.has(method)) return false
  const { origin } = headers
  if (origin !== undefined && trustedOrigins.has(origin)) return false
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  return origin !== undefined && !isThisHost(origin, host)
}

/** Host and port, without the scheme: behind a proxy that ends TLS the scheme seen here is another one. */
function isThisHost (origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  const url = new URL(origin)
  const own = `${url.protocol}//${host}`
  // What is no host would be read as one: `/evil.example`, `localhost@evil.example`.
  return !/[\s/\\?#@]/.test(host) && URL.canParse(own) && new URL(own).host === url.host && url.host !== ''
}

/**
 * Whether a page of another site asked for this by a script or within a frame, so that the browser keeps no cookie of
 * the answer but one with `SameSite=None`. A form or link that changes the whole page is another thing.
 */
export function isForeignFetch (request: FastifyRequest): boolean {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode = 'navigate', 'sec-fetch-dest': dest = 'document' } = request.headers
  return site === 'cross-site' && (mode !== 'navigate' || dest !== 'document' || wantsJson(request))
}

/** Whether this host is the browser's own machine, which browsers trust as they trust https. */
export function isLoopback (host: string): boolean {
  const own = `http://${host}`
  return URL.canParse(own) && /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(own).hostname)
}

/** Whether a browser asks ahead of its person, who may never see the answer. */
export function isPrefetch (headers: IncomingHttpHeaders): boolean {
  return headers['sec-purpose'] !== undefined || headers['purpose'] !== undefined || headers['x-moz'] !== undefined
}

/**
 * Whether a person sees the answer: as the page of a tab, and not in a frame, by a script, or ahead of time.
 * Where the browser does not say so, as on plain http, it is what asks for HTML.
 */
export function isShown (headers: IncomingHttpHeaders): boolean {
  if (isPrefetch(headers)) return false
  const { 'sec-fetch-dest': dest, 'sec-fetch-mode': mode, 'sec-fetch-site': site } = headers
  if ((dest ?? mode ?? site) !== undefined) return dest === 'document'
  return headers.upgrade === undefined && /\btext\/html\b/i.test(headers.accept ?? '')
}

/** Whether a GET is proven to be a navigation that a page of this very origin asked for, and no prefetch. */
export function isOwnNavigation (headers: IncomingHttpHeaders): boolean {
  return headers['sec-fetch-site'] === 'same-origin' &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document' &&
    !isPrefetch(headers)
}
