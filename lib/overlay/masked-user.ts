import type { Impersonated, User } from '../types/index.js'

/** An object of this request's own with the target's fields and prototype: the source may share or freeze what it returned. */
export function maskedUser (target: User, impersonator: () => User): User & Impersonated {
  const all: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(target)
  const { isImpersonate, impersonator: another, ...fields } = all
  return Object.create(Object.getPrototypeOf(target), {
    ...fields,
    isImpersonate: { value: true },
    impersonator: { get: impersonator }
  })
}
