/** What can be said of a value of which nothing is known. */
export function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether an object has functions of these names. */
export function hasMethods (value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every(name => typeof Reflect.get(value, name) === 'function')
}

export function isFunction (value: unknown): boolean {
  return typeof value === 'function'
}

/** A field of whatever this is; undefined where it has none. */
export function field (value: unknown, name: PropertyKey): unknown {
  return Reflect.get(Object(value), name)
}

/** An object of no class. */
export function isPlain (value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(Object(prototype), 'isPrototypeOf'))
}

/** What a value is, in words that show nothing of it but its kind. */
export function kindOf (value: unknown): string {
  if (value === undefined || value === null || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text'
  if (typeof value === 'object') return isPlain(value) ? 'an object' : `an instance of ${classOf(value)}`
  return `a ${typeof value}`
}

/** The name of an object's class. */
export function classOf (value: object): string {
  const name = field(field(value, 'constructor'), 'name')
  return typeof name === 'string' && name !== '' ? name : 'something'
}

/**
 * Prisma's and PostgreSQL's codes for a value that is none of a column's type: `x` for a uuid, 99999 for a smallint.
 */
const UNFIT = new Set<unknown>(['P2007', 'P2020', 'P2023', '22P02', '22003'])

/** Whether a query failed because a column cannot hold a value that it was asked for, and so nothing has that value. */
export function isUnfit (error: unknown): boolean {
  const meta = field(error, 'meta')
  const cause = field(field(meta, 'driverAdapterError'), 'cause')
  return [field(error, 'code'), field(meta, 'code'), field(cause, 'originalCode')].some(code => UNFIT.has(code))
}

/** What a look-up finds; null where the column cannot hold what it looks for. */
export async function nullIfUnfit<Value> (looking: PromiseLike<Value>): Promise<Value | null> {
  try {
    return await looking
  } catch (error) {
    if (isUnfit(error)) return null
    throw error
  }
}
