import type { Settings } from '../settings.js'
import type { UrlName } from '../types/index.js'

/** What follows the prefix where it is a page and no user's id. */
export const RESERVED = ['stop', 'list', 'search', 'log', 'sessions', 'status', '-']

/** Where a form that starts an impersonation of this user posts to, and its hidden fields. */
export function startAddress ({ base }: Pick<Settings, 'base'>, userId: string, next: string | null) {
  const fields = next === null ? {} : { next }
  return isReserved(userId)
    ? { action: `${base}/-/start/`, fields: { userId, ...fields } }
    : { action: `${base}/${encodeURIComponent(userId)}/`, fields }
}

/** The address of one of the plugin's routes. */
export function urlOf ({ base }: Pick<Settings, 'base'>, name: UrlName, userId: unknown): string {
  if (name !== 'start') return `${base}/${name}/`
  if (userId === undefined || userId === null || userId === '') throw new TypeError('The address of a start needs { userId }')
  return startAddress({ base }, String(userId), null).action
}

/** Whatever the router's case rule, so that a form never depends on it. Dots would be taken for parts of the path. */
export function isReserved (userId: string): boolean {
  return RESERVED.includes(userId.toLowerCase()) || /^\.{1,2}$/.test(userId)
}
