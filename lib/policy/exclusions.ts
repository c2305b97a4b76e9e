import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { pathMatcher, routedPath, type RouterRules } from '../http/paths.js'
import type { Settings } from '../settings.js'
import { rulesOf } from './route-rules.js'

/**
 * Whether a request is always the real user's: by its path or its route's pattern, whichever says so, or by its route's
 * config. The plugin's own routes never are, nor is one that is denied while impersonating: somebody has to look.
 */
export function exclusionsOf ({ uriExclusions }: Settings, rules: RouterRules): (request: FastifyRequest) => boolean {
  const matches = pathMatcher(uriExclusions, rules)

  /** To the handler of `/*` an escaped slash is a slash. */
  function isBehindWildcard (url: string, pattern: string): boolean {
    return pattern.endsWith('*') && matches(routedPath(url, rules, decodeURIComponent))
  }

  return function isExcluded (request) {
    const { url, config } = request.routeOptions
    if (config.impersonateRoute !== undefined) return false
    const { mode } = rulesOf(request)
    if (mode === 'deny') return false
    return mode === 'real-user' || matches(routedPath(request.url, rules)) ||
      (url !== undefined && (matches(url.replace(/^\/+/, '')) || isBehindWildcard(request.url, url)))
  }
}

/** Somebody who is led to an excluded page after a start sees nothing of it. */
export function warnOfExcludedRedirect (
  { uriExclusions, redirectUrl, publicPrefix }: Settings, rules: RouterRules, logger: FastifyBaseLogger
): void {
  const path = redirectUrl.startsWith(`${publicPrefix}/`) ? redirectUrl.slice(publicPrefix.length) : redirectUrl
  if (!pathMatcher(uriExclusions, rules)(routedPath(path, rules))) return
  logger.warn(`fastify-impersonate: a start leads to "redirectUrl" (${redirectUrl}), which "uriExclusions" leaves to the real user, so nothing will seem to happen`)
}
