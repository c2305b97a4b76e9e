import { inspect } from 'node:util'
import { closest } from 'fastest-levenshtein'
import { FST_IMPERSONATE_INVALID_OPTION } from '../errors.js'
import { hasMethods, isFunction } from '../is.js'

/** django-impersonate's names for options that have another one here. */
const RENAMED = new Map([['CUSTOM_READ_ONLY', 'readOnly'], ['customReadOnly', 'readOnly']])

export type Check = (name: string, value: unknown) => void

/** Always throws: which option, what it takes, what it got. */
export function refuse (name: string, takes: string, got: unknown): never {
  const shown = inspect(got, { depth: 0, breakLength: Infinity, maxStringLength: 60 })
  throw new FST_IMPERSONATE_INVALID_OPTION(`The option "${name}" takes ${takes}, but got ${shown}`)
}

/** Two options that exclude each other, or one that needs another. */
export function conflict (message: string): never {
  throw new FST_IMPERSONATE_INVALID_OPTION(message)
}

export function unknownOption (name: string, known: readonly string[]): never {
  const camel = name.replace(/^IMPERSONATE_/, '').toLowerCase()
    .replace(/_([a-z])/g, (match, letter: string) => letter.toUpperCase())
  const nearest = RENAMED.get(name) ?? (known.includes(camel) ? camel : closest(name, [...known]))
  throw new FST_IMPERSONATE_INVALID_OPTION(`There is no option "${name}"; did you mean "${nearest}"?`)
}

function check (takes: string, fits: (value: unknown) => boolean): Check {
  return (name, value) => { if (!fits(value)) refuse(name, takes, value) }
}

const isList = (item: (value: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(item)
const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isRegExpSource = (value: unknown) => {
  if (value instanceof RegExp) return true
  if (typeof value !== 'string' || value === '') return false
  try {
    return new RegExp(value) instanceof RegExp
  } catch {
    return false
  }
}

export const aBoolean = check('true or false', value => typeof value === 'boolean')
export const aFunction = check('a function', isFunction)
export const aFlagOrFunction = check('true, false or a function',
  value => typeof value === 'boolean' || isFunction(value))
export const aName = check('a non-empty string', isText)
export const names = check('a list of field names',
  value => isList(isText)(value) && Array.isArray(value) && value.length > 0)
export const patterns = check('a list of regular expressions or their sources', isList(isRegExpSource))
export const aUserSource = check(
  'an object with findById and findPage: prismaUsers(prisma.user), memoryUsers([…]) or your own',
  value => hasMethods(value, ['findById', 'findPage']))
export const aClock = check('a function that returns milliseconds since 1970',
  value => typeof value === 'function' && Number.isFinite(value()))

/** The fields of an option that is an object, which `what` names. */
export function fields (option: string, value: object, what: string, checks: Readonly<Record<string, Check>>): void {
  for (const [name, field] of Object.entries(value)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    const whole = `${option}.${name}`
    if (check === undefined) refuse(whole, `nothing: ${what} has ${Object.keys(checks).join(', ')}`, field)
    else if (field !== undefined) check(whole, field)
  }
}

export function oneOf (...values: string[]): Check {
  return check(`one of ${values.join(', ')}`, value => typeof value === 'string' && values.includes(value))
}

export function wholeNumber (least: number, most: number): Check {
  return check(`a whole number from ${least} to ${most}`,
    value => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most)
}

export function seconds (most: number): Check {
  return check(`a number of seconds above 0 and up to ${most}`, value => isSeconds(value, most))
}

function isSeconds (value: unknown, most: number): boolean {
  return typeof value === 'number' && value > 0 && value <= most
}

export function secondsOrNull (most: number): Check {
  return check(`null or a number of seconds above 0 and up to ${most}`,
    value => value === null || isSeconds(value, most))
}

export const origins = check('a list of origins such as "https://admin.example.com", without a path',
  isList(value => typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value))
export const databaseAddress = (name: string, value: unknown): void => {
  const [parameter] = typeof value === 'string' && value.startsWith('file:') ? /\?\w+=.*$/.exec(value) ?? [] : []
  if (parameter !== undefined) refuse(name, 'a file: address without parameters, as it is a path', parameter)
  if (typeof value === 'string' && /^(file:.|postgres(ql)?:\/\/)/.test(value) && URL.canParse(value)) return
  // Not shown: it may hold a password.
  const schemeOf = (text: string) => /^[a-z]+:/.exec(text)?.[0] ?? 'a text without one of these schemes'
  const scheme = typeof value === 'string' ? schemeOf(value) : value
  refuse(name, 'a file: or postgresql: address (for another database give "prisma" a client of your own)', scheme)
}
