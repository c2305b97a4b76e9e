import type { Impersonated, User } from '../types/index.js'
import { createOwn, fill } from './own.js'
import { isMoreThanFields } from './real-this.js'
import { viewOf } from './view.js'

/**
 * The target as one request sees it: an object of the request's own that answers as the source's would. The source may
 * share or freeze what it returned.
 */
export function maskedUser (target: User, impersonator: () => User): User & Impersonated {
  const mask: PropertyDescriptorMap = { isImpersonate: { value: true }, impersonator: { get: impersonator } }
  const given = new WeakMap<object, object>()
  const own = createOwn(given)
  const isView = isMoreThanFields(target)
  const masked: User & Impersonated = isView
    ? viewOf(target, own, mask)
    : Object.create(Reflect.getPrototypeOf(target), mask)
  // A field that leads back to the user leads to the masked one.
  given.set(target, masked).set(masked, masked)
  return isView ? masked : fill(target, masked, own)
}
