import { FST_IMPERSONATE_INVALID_OPTION } from '../errors.js'
import type { Settings } from '../settings.js'
import type { UrlName } from '../types/index.js'
import { isPage, PAGES } from './pages.js'

const NAMES = ['start', ...PAGES.filter(page => page !== '-')]

/** What a router takes as one part of a path, unless the application has set Fastify's `maxParamLength`. */
const LONGEST_PART = 100

/** Where a form that starts an impersonation of this user posts to, and its hidden fields. */
export function startAddress ({ base }: Pick<Settings, 'base'>, userId: string, next: string | null) {
  const fields = next === null ? {} : { next }
  const part = encodeURIComponent(userId)
  return isReserved(userId) || part.length > LONGEST_PART
    ? { action: `${base}/-/start/`, fields: { userId, ...fields } }
    : { action: `${base}/${part}/`, fields }
}

/** The address of one of the plugin's routes. */
export function urlOf ({ base }: Pick<Settings, 'base'>, name: UrlName, userId: unknown): string {
  if (name !== 'start') {
    const isThere = isPage(name) && String(name) !== '-'
    const rule = `url takes one of ${NAMES.join(', ')}, and got ${String(name)}`
    if (!isThere) throw new FST_IMPERSONATE_INVALID_OPTION(rule)
    return `${base}/${name}/`
  }
  const isMissing = userId === undefined || userId === null || userId === ''
  if (isMissing) throw new TypeError('The address of a start needs { userId }')
  return startAddress({ base }, String(userId), null).action
}

/** Whatever the router's case rule, so that a form never depends on it. Dots would be taken for parts of the path. */
function isReserved (userId: string): boolean {
  return isPage(userId.toLowerCase()) || /^\.{1,2}$/.test(userId)
}
