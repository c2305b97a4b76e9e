import type { FastifyInstance } from 'fastify'

/** How the application's router reads a path: its options that change what an address means. */
export interface RouterRules {
  caseSensitive: boolean
  ignoreDuplicateSlashes: boolean
  useSemicolonDelimiter: boolean
  ignoreTrailingSlash: boolean
}

/**
 * The part of an address that the router matches: without scheme, host, query and leading slashes, decoded once.
 *
 * @param decode as for a whole path, in which %2F is no slash; decodeURIComponent is what a wildcard's handler is given
 */
export function routedPath (url: string, rules: RouterRules, decode = decodeURI): string {
  const path = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, '')
  const end = path.search(rules.useSemicolonDelimiter ? /[?#;]/ : /[?#]/)
  let read = end === -1 ? path : path.slice(0, end)
  if (read.includes('%')) {
    try {
      read = decode(read)
    } catch {
      // The router answers malformed escapes itself, before any hook; what is left here is compared as it stands.
    }
  }
  if (rules.ignoreDuplicateSlashes) read = read.replace(/\/{2,}/g, '/')
  return read.replace(/^\/+/, '')
}

/**
 * The given patterns as one question. The flags g and y lose their memory of the last match; y keeps its anchor. Where
 * the router ignores a slash at the end, so does the answer.
 */
export function pathMatcher (patterns: readonly RegExp[], rules: RouterRules): (path: string) => boolean {
  const compiled = patterns.map(pattern => {
    const source = pattern.sticky ? `^(?:${pattern.source})` : pattern.source
    const flags = pattern.flags.replace(/[gy]/g, '')
    return new RegExp(source, rules.caseSensitive || flags.includes('i') ? flags : `${flags}i`)
  })
  const matches = (path: string) => compiled.some(pattern => pattern.test(path))
  if (!rules.ignoreTrailingSlash) return matches
  return path => matches(path) || matches(path.endsWith('/') ? path.slice(0, -1) : `${path}/`)
}

/** The router's options, which are in two places, depending on how the application set them. */
export function routerRules ({ initialConfig }: FastifyInstance): RouterRules {
  const rules = { ...initialConfig, ...initialConfig.routerOptions }
  return {
    caseSensitive: rules.caseSensitive !== false,
    ignoreDuplicateSlashes: rules.ignoreDuplicateSlashes === true,
    useSemicolonDelimiter: rules.useSemicolonDelimiter === true,
    ignoreTrailingSlash: rules.ignoreTrailingSlash === true
  }
}
