import type { UserQuery } from '../../types/index.js'
import { escapedFilter, exactFilter, narrowingFilter } from '../filters.js'
import { parseNumber, type NumberType } from '../numbers.js'

/** The fields that are numbers, and of which type. */
export type NumberFields = ReadonlyMap<string, NumberType>

/** What every word of a query makes of the `where`; null where one of them is in no field, and so nobody is found. */
export function wordsOf (
  { terms, fields, lookup }: UserQuery, provider: unknown, numbers: NumberFields
): object[] | null {
  const filter = provider === 'postgresql' ? exactFilter : provider === 'mysql' ? escapedFilter : narrowingFilter
  const words = terms.map(term => fields.flatMap(name => {
    const type = numbers.get(name)
    if (type === undefined) return [{ [name]: filter(term, lookup) }]
    const number = parseNumber(term, type)
    return number === null ? [] : [{ [name]: { equals: number } }]
  }))
  // Prisma leaves out an empty OR, and so everyone would be found.
  return words.some(word => word.length === 0) ? null : words.map(word => ({ OR: word }))
}
