import { types } from 'node:util'
import { field } from '../is.js'

/** In the place of a copy, where there can be none. */
const NONE = Symbol('no copy')

/**
 * A copy that shares nothing that can be written to, of a plain object with plain values: rows as databases give them.
 * Undefined where there is anything else in it: an instance of a class may have private fields, and a proxy does as it
 * likes.
 */
export function copyOf<Value> (value: Value): Value | undefined {
  const copy = copied(value, new Map())
  return isCopy<Value>(copy) ? copy : undefined
}

function isCopy<Value> (copy: unknown): copy is Value {
  return copy !== NONE
}

function copied (value: unknown, made: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (types.isProxy(value)) return NONE
  if (types.isDate(value)) return new Date(value)
  // A Buffer's own `slice` shares its memory.
  if (value instanceof Uint8Array) return Uint8Array.prototype.slice.call(value)
  // Prisma's Decimal has no method that changes it.
  if (field(value, Symbol.toStringTag) === '[object Decimal]') return value
  return made.get(value) ?? copiedByFields(value, made)
}

function copiedByFields (value: object, made: Map<object, object>): unknown {
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype && !Array.isArray(value)) return NONE
  const copy: object = Array.isArray(value) ? [] : Object.create(prototype)
  made.set(value, copy)
  const descriptors: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(value)
  for (const descriptor of Object.values(descriptors)) {
    if ('value' in descriptor) descriptor.value = copied(descriptor.value, made)
    if (descriptor.value === NONE) return NONE
  }
  return Object.defineProperties(copy, descriptors)
}
