import { inspect, types } from 'node:util'
import { needsRealThis } from './real-this.js'

/** What one request gets of a value that others may share: whatever it writes to it stays with it. */
export type Own = (value: unknown) => unknown

/**
 * An object that answers as another one does. What is written to it stays in it; the other one is only read. Methods
 * and accessors that need the very object get it, all others see what was written.
 *
 * @param more what it has beside the other one's fields, and instead of them
 */
export function viewOf<Source extends object, View extends Source = Source> (
  source: Source, own: Own, more: PropertyDescriptorMap = {}
): View {
  const prototype = Reflect.getPrototypeOf(source)
  const written: View = Object.create(Object.create(prototype, { [inspect.custom]: { value: shown } }), more)
  const deleted = new Set<PropertyKey>()
  const methods = new WeakMap<object, object>()

  /** Where a field is looked for that was not written. */
  function behind (key: PropertyKey): object | null {
    return deleted.has(key) || !Reflect.isExtensible(written) ? prototype : source
  }

  function ownField (key: PropertyKey): PropertyDescriptor | undefined {
    const own = Reflect.getOwnPropertyDescriptor(written, key)
    if (own !== undefined || behind(key) !== source) return own
    const field = Reflect.getOwnPropertyDescriptor(source, key)
    if (field === undefined) return undefined
    return { ...field, ...'value' in field ? { value: Reflect.get(view, key) } : {}, configurable: true }
  }

  /** A method of the other object's, which gets that one as its `this`. */
  function bound (method: object): unknown {
    if (typeof method !== 'function' || !needsRealThis(method)) return method
    const known = methods.get(method) ?? new Proxy(method, {
      apply (call, self, input) {
        const answer: unknown = Reflect.apply(call, self === view ? source : self, input)
        if (self !== view) return answer
        return types.isPromise(answer) ? answer.then(own) : own(answer)
      }
    })
    methods.set(method, known)
    return known
  }

  const view: View = new Proxy(written, {
    get (of, key, receiver) {
      const from = behind(key)
      if (Object.hasOwn(of, key) || from === null) return Reflect.get(of, key, receiver)
      const getter = find(from, key)?.get
      const value: unknown = getter === undefined || needsRealThis(getter)
        ? Reflect.get(from, key, source)
        : Reflect.apply(getter, receiver, [])
      return typeof value === 'function' && key !== 'constructor' ? bound(value) : own(value)
    },

    set (of, key, value, receiver) {
      if (Object.hasOwn(of, key)) return Reflect.set(of, key, value, receiver)
      const field = find(behind(key), key)
      if (field?.set !== undefined && !needsRealThis(field.set)) {
        Reflect.apply(field.set, receiver, [value])
        return true
      }
      // What such a setter writes others would see: it is only kept here.
      const isReadOnly = field !== undefined && field.set === undefined && field.writable !== true
      if (isReadOnly || (field === undefined && !Reflect.isExtensible(source))) return false
      const enumerable = field?.set === undefined
      return Reflect.defineProperty(receiver, key, { value, writable: true, enumerable, configurable: true })
    },

    defineProperty (of, key, descriptor) {
      const before = Object.hasOwn(of, key) ? undefined : ownField(key)
      if (before !== undefined) Object.defineProperty(of, key, before)
      deleted.delete(key)
      return Reflect.defineProperty(of, key, descriptor)
    },

    deleteProperty (of, key) {
      const fields = [of, source].map(from => Reflect.getOwnPropertyDescriptor(from, key))
      if (fields.some(field => field?.configurable === false)) return false
      deleted.add(key)
      return Reflect.deleteProperty(of, key)
    },

    has: (of, key) => Object.hasOwn(of, key) || Reflect.has(Object(behind(key)), key),
    getOwnPropertyDescriptor: (of, key) => ownField(key),
    getPrototypeOf: () => prototype,

    ownKeys (of) {
      return [...new Set([...Reflect.ownKeys(source).filter(key => behind(key) === source), ...Reflect.ownKeys(of)])]
    },

    preventExtensions (of) {
      Object.defineProperties(of, Object.getOwnPropertyDescriptors(view))
      Object.setPrototypeOf(of, prototype)
      return Reflect.preventExtensions(of)
    }
  })
  return view
}

/** A field, wherever in the chain of prototypes it is. */
function find (from: object | null, key: PropertyKey): PropertyDescriptor | undefined {
  if (from === null) return undefined
  return Reflect.getOwnPropertyDescriptor(from, key) ?? find(Reflect.getPrototypeOf(from), key)
}

const pictures = new WeakMap<object, object>()

/**
 * Node shows what is behind a proxy, which here is only what was written. It gets a picture instead: one a view, so
 * that it sees circles.
 */
function shown (this: object, ...input: unknown[]): unknown {
  const own: unknown = Reflect.get(this, inspect.custom)
  if (typeof own === 'function') return Reflect.apply(own, this, input)
  const picture: object = pictures.get(this) ?? Object.create(Reflect.getPrototypeOf(this))
  pictures.set(this, picture)
  for (const key of Reflect.ownKeys(picture)) Reflect.deleteProperty(picture, key)
  return Object.defineProperties(picture, Object.getOwnPropertyDescriptors(this))
}
