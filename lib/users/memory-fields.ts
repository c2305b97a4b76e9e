import { isNumber } from './numbers.js'

/**
 * The fields of these objects that have texts or numbers, also those of their classes; undefined where there is nobody
 * yet. What only runs when it is read, and what nobody has a value in, is taken for a text.
 */
export function fieldsOf (users: readonly object[]): { texts: string[], numbers: string[] } | undefined {
  if (users.length === 0) return undefined
  const descriptors = users.flatMap(descriptorsOf)
  const having = (isOne: (value: unknown) => boolean) => {
    return descriptors.filter(([, { value }]) => isOne(value)).map(([name]) => name)
  }
  const others = new Set(having(value => value !== undefined && value !== null && typeof value !== 'string'))
  const unknown = having(value => value === undefined || value === null).filter(name => !others.has(name))
  return {
    texts: [...new Set([...having(value => typeof value === 'string'), ...unknown])],
    numbers: [...new Set(having(isNumber))]
  }
}

function descriptorsOf (user: object): Array<[string, PropertyDescriptor]> {
  const prototype: object | null = Object.getPrototypeOf(user)
  const inherited = prototype === null || prototype === Object.prototype ? [] : descriptorsOf(prototype)
  return [...inherited, ...Object.entries(Object.getOwnPropertyDescriptors(user))]
}
