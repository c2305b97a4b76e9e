import { isBelow } from '../http/redirect.js'
import type { Settings } from '../settings.js'
import * as is from './checks.js'
import type { OwnSettings } from './table.js'

/** Where the plugin's pages are, and whether the cookie and the other addresses go with that. */
export function readPaths (
  { prefix, publicPrefix, cookie, redirectUrl, loginUrl }: OwnSettings, scopePrefix: string
): Pick<Settings, 'prefix' | 'base' | 'cookie'> {
  if (/[:*]/.test(scopePrefix)) {
    is.conflict(`The plugin cannot be registered below the prefix "${scopePrefix}": its pages need addresses without ` +
      'parameters')
  }
  const ownPath = `/${prefix.split('/').filter(Boolean).join('/')}`
  const base = `${publicPrefix}${scopePrefix.replace(/\/+$/, '')}${ownPath}`
  const path = publicPrefix === '' ? cookie.path : `${publicPrefix}${cookie.path}`.replace(/\/$/, '')
  if (!isBelow(base, path)) {
    const takes = `a path that the plugin's own pages (${base}) are below, or no stop would see the cookie`
    is.refuse('cookie.path', takes, cookie.path)
  }
  for (const [option, value] of Object.entries({ redirectUrl, loginUrl })) {
    if (!value.startsWith('/') || !isBelow(value, base)) continue
    is.refuse(option, 'a page other than the plugin\'s own, which it is sent away from', value)
  }
  return { prefix: ownPath, base, cookie: { ...cookie, path } }
}
