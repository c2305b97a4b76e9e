import { isObject } from '../is.js'
import { LONGEST_REASON } from '../log/columns.js'
import type { ReasonRules } from '../settings.js'
import type { RequireReason } from '../types/index.js'
import * as is from './checks.js'

/** The option `requireReason`. */
export function checkReason (name: string, value: unknown): void {
  if (typeof value === 'boolean') return
  if (!isObject(value)) is.refuse(name, 'true, false or an object with minLength, validate', value)
  is.fields(name, value, 'a reason', { minLength: is.wholeNumber(1, LONGEST_REASON), validate: is.aFunction })
}

export function readReasonRules (given: boolean | RequireReason): ReasonRules | null {
  if (given === false) return null
  const { minLength = 1, validate } = given === true ? {} : given
  return { minLength, validate }
}
