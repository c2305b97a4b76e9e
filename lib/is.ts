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

/** Prisma's and PostgreSQL's codes for a value that is none of a column's type: `x` for a uuid, 99999 for a smallint. */
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
