import { field } from '../is.js'
import { parseId } from './ids.js'

/** The types of Prisma's fields that a search finds by equality. */
export const NUMBER_TYPES = ['Int', 'BigInt', 'Float', 'Decimal'] as const

export type NumberType = (typeof NUMBER_TYPES)[number]

/** As numbers are written here: `04`, `4.0` and `1e3` are none. */
const WRITTEN = /^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d*[1-9])$/

/** A word as a field of this type takes it; null where it is no such number. */
export function parseNumber (term: string, type: NumberType): string | number | bigint | null {
  if (type === 'Int') return parseId(term, 'int')
  if (type === 'BigInt') return parseId(term, 'bigint')
  if (!WRITTEN.test(term)) return null
  if (type === 'Decimal') return term
  return String(Number(term)) === term ? Number(term) : null
}

export function isNumber (value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || field(value, Symbol.toStringTag) === '[object Decimal]'
}

/** Whether the value is a number, and this one. */
export function equalsNumber (value: unknown, term: string): boolean {
  return isNumber(value) && String(value) === term && WRITTEN.test(term)
}
