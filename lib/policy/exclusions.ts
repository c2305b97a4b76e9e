import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { pathMatcher, routedPath, type RouterRules } from '../http/paths.js'
import type { Settings } from '../settings.js'
import { rulesOf } from './route-rules.js'

/**
 * Whether a request is always the real user's: by its path or its route's pattern, whichever says so, or by its route's
 * config. The plugin's own routes never are.
 */
export function exclusionsOf ({ uriExclusions }: Settings, rules: RouterRules): (request: FastifyRequest) => boolean {
  const matches = pathMatcher(uriExclusions, rules)
  return function isExcluded (request) {
    const { url, config } = request.routeOptions
    if (config.impersonateRoute !== undefined) return false
    return rulesOf(request).mode === 'real-user' ||
      matches(routedPath(request.url, rules)) || (url !== undefined && matches(url.replace(/^\/+/, '')))
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
