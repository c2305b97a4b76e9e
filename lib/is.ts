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
