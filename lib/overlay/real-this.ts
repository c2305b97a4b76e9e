import { types } from 'node:util'

/** What works on the very object alone: private fields, those that a compiler made too, weak maps, what is native. */
const BY_IDENTITY =
  /#[\p{ID_Start}$_]|[Pp]rivate(?:Field|Method)\w*\(|\.(?:get|has|set|add|delete)\(\s*this\b|\{ \[native code\] \}/u
/** What hands its own `this` on to a function that may be one of those. */
const HANDS_ON = /\bsuper\b|\.(?:call|apply)\(\s*this\b/

const functions = new WeakMap<object, boolean>()
const prototypes = new WeakMap<object, boolean>()

/** Whether a method or an accessor needs the object that it was made for, and not one like it. */
export function needsRealThis (method: Function): boolean {
  const known = functions.get(method)
  if (known !== undefined) return known
  const text = Function.prototype.toString.call(method)
  const needs = BY_IDENTITY.test(text) || HANDS_ON.test(text)
  functions.set(method, needs)
  return needs
}

/** Whether a copy of the object with its prototype would not answer as the object itself does. */
export function isMoreThanFields (value: object): boolean {
  return types.isProxy(value) || hasIdentity(Reflect.getPrototypeOf(value))
}

/** Of `{}` or of `Object.create(null)`, in whatever realm. */
export function isPlain (prototype: object | null): boolean {
  return prototype === null || (Reflect.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'))
}

function hasIdentity (prototype: object | null): boolean {
  if (prototype === null || isPlain(prototype)) return false
  const known = prototypes.get(prototype)
  if (known !== undefined) return known
  // The text of a class holds all of its methods; those that were added to it later are looked at one by one.
  const fields = Object.values(Object.getOwnPropertyDescriptors(prototype))
  const has = fields.some(({ value, get, set }) => [value, get, set].some(isByIdentity)) ||
    hasIdentity(Reflect.getPrototypeOf(prototype))
  prototypes.set(prototype, has)
  return has
}

function isByIdentity (value: unknown): boolean {
  return typeof value === 'function' && BY_IDENTITY.test(Function.prototype.toString.call(value))
}
