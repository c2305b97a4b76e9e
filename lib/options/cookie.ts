import { field, isObject } from '../is.js'
import type { CookieOptions } from '../types/index.js'
import * as is from './checks.js'

/** The option `cookie`. */
export function checkCookie (name: string, value: unknown): void {
  if (!isObject(value)) is.refuse(name, 'an object with name, path, sameSite, secure', value)
  is.fields(name, value, 'a cookie', {
    name: checkName, path: checkPath, sameSite: is.oneOf('lax', 'strict', 'none'), secure: checkSecure
  })
  if (field(value, 'sameSite') === 'none' && field(value, 'secure') === false) {
    is.refuse(`${name}.secure`, 'true or "auto" with sameSite "none", as browsers demand', false)
  }
}

export function readCookie (
  { name = 'impersonation', path = '/', sameSite = 'lax', secure = 'auto' }: CookieOptions
): Required<CookieOptions> {
  return { name, path, sameSite, secure }
}

function checkName (option: string, value: unknown): void {
  const fits = typeof value === 'string' && /^(?!__)[\w!#$%&'*+.^`|~-]+$/.test(value)
  if (!fits) is.refuse(option, 'a cookie name without a prefix such as __Host-', value)
}

function checkPath (option: string, value: unknown): void {
  // eslint-disable-next-line no-control-regex
  if (typeof value !== 'string' || !/^\/[^;\u0000-\u001f\u007f]*$/.test(value)) is.refuse(option, 'a path', value)
}

function checkSecure (option: string, value: unknown): void {
  if (typeof value !== 'boolean' && value !== 'auto') is.refuse(option, 'true, false or "auto"', value)
}
