import { types } from 'node:util'
import { isPlain } from './real-this.js'
import { viewOf, type Own } from './view.js'

/**
 * Plain data is copied; anything else is seen through a view, so that nothing behind it is read unasked.
 * One value stays one value, also in a circle.
 *
 * @param given what stands for which value from the beginning
 */
export function createOwn (given: WeakMap<object, object>): Own {
  return own

  function own (value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    return given.get(value) ?? note(value, made(value))
  }

  /** What is the request's own already is not copied again. */
  function note (value: object, copy: object): object {
    given.set(value, copy).set(copy, copy)
    return copy
  }

  function made (value: object): object {
    if (types.isProxy(value) && !Array.isArray(value)) return viewOf(value, own)
    const prototype = Reflect.getPrototypeOf(value)
    if (Array.isArray(value)) return fill(value, note(value, Object.setPrototypeOf([], prototype)), own)
    if (isPlain(prototype)) return fill(value, note(value, Object.create(prototype)), own)
    const copy = copyOfBuiltIn(value)
    return copy === null ? viewOf(value, own) : Object.setPrototypeOf(copy, prototype)
  }

  function copyOfBuiltIn (value: object): object | null {
    if (types.isDate(value)) return new Date(value.getTime())
    if (types.isMap(value)) return new Map([...value].map(([key, kept]) => [own(key), own(kept)]))
    if (types.isSet(value)) return new Set([...value].map(own))
    const isBytes = ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)
    return isBytes || types.isRegExp(value) ? structuredClone(value) : null
  }
}

/**
 * Gives an object the fields of another that it has not got. What is not enumerable is no data: it is a library's
 * notes, which may lead anywhere.
 */
export function fill<Copy extends object> (from: object, copy: Copy, own: Own): Copy {
  for (const key of Reflect.ownKeys(from)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(from, key)
    if (descriptor?.enumerable === true && 'value' in descriptor) descriptor.value = own(descriptor.value)
    if (descriptor !== undefined && !Object.hasOwn(copy, key)) Object.defineProperty(copy, key, descriptor)
  }
  return copy
}
