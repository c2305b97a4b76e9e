import { field, isObject } from '../is.js'
import type { CookieOptions } from '../types/index.js'
import * as is from './checks.js'

/** The option `cookie`, with its defaults; what has none is there where it was given. */
export type CookieSettings = Required<Omit<CookieOptions, 'domain' | 'partitioned'>> &
  Pick<CookieOptions, 'domain' | 'partitioned'>

/** The option `cookie`. */
export function checkCookie (name: string, value: unknown): void {
  if (!isObject(value)) is.refuse(name, 'an object with name, path, sameSite, secure, partitioned, domain', value)
  is.fields(name, value, 'a cookie', {
    name: checkName,
    path: checkPath,
    sameSite: is.oneOf('lax', 'strict', 'none'),
    secure: checkSecure,
    partitioned: is.aBoolean,
    domain: checkDomain
  })
  if (field(value, 'secure') !== false) return
  const demanding = field(value, 'sameSite') === 'none' ? 'sameSite "none"' : 'partitioned'
  if (demanding === 'partitioned' && field(value, 'partitioned') !== true) return
  is.refuse(`${name}.secure`, `true or "auto" with ${demanding}, as browsers demand`, false)
}

export function readCookie (
  { name = 'impersonation', path = '/', sameSite = 'lax', secure = 'auto', partitioned, domain }: CookieOptions
): CookieSettings {
  return {
    name,
    path,
    sameSite,
    secure,
    ...(partitioned === undefined ? {} : { partitioned }),
    ...(domain === undefined ? {} : { domain })
  }
}

function checkName (option: string, value: unknown): void {
  const fits = typeof value === 'string' && /^(?!__)[\w!#$%&'*+.^`|~-]+$/.test(value)
  if (!fits) is.refuse(option, 'a cookie name without a prefix such as __Host-', value)
}

function checkPath (option: string, value: unknown): void {
  // eslint-disable-next-line no-control-regex
  if (typeof value !== 'string' || !/^\/[^;\u0000-\u001f\u007f]*$/.test(value)) is.refuse(option, 'a path', value)
}

function checkDomain (option: string, value: unknown): void {
  const fits = typeof value === 'string' && /^[a-z\d-]+(\.[a-z\d-]+)*$/i.test(value)
  if (!fits) is.refuse(option, 'the name of a host such as example.com, without scheme, port and leading dot', value)
}

function checkSecure (option: string, value: unknown): void {
  if (typeof value !== 'boolean' && value !== 'auto') is.refuse(option, 'true, false or "auto"', value)
}
