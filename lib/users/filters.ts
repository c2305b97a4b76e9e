import type { LookupType } from '../types/index.js'

/** Prisma's name of each look-up. */
const OPERATOR = {
  exact: 'equals',
  iexact: 'equals',
  contains: 'contains',
  icontains: 'contains',
  startswith: 'startsWith',
  istartswith: 'startsWith',
  endswith: 'endsWith',
  iendswith: 'endsWith'
} as const

const WILDCARDS = { equals: ['', ''], contains: ['%', '%'], startsWith: ['', '%'], endsWith: ['%', ''] } as const

/** Prisma passes `%`, `_` and `\` on to LIKE, and insensitive `equals` is a LIKE as well. */
export function exactFilter (term: string, lookup: LookupType): object {
  const plain = lookup === 'exact' ? term : escaped(term)
  return lookup.startsWith('i')
    ? { [OPERATOR[lookup]]: plain, mode: 'insensitive' }
    : { [OPERATOR[lookup]]: plain }
}

/** For LIKE on MySQL, where the collation decides about case and there is no mode. */
export function escapedFilter (term: string, lookup: LookupType): object {
  return { [OPERATOR[lookup]]: lookup.endsWith('exact') ? term : escaped(term) }
}

/** The same in PostgreSQL's own words. */
export function likeOf (term: string, lookup: LookupType): { operator: '=' | 'LIKE' | 'ILIKE', pattern: string } {
  if (lookup === 'exact') return { operator: '=', pattern: term }
  const [before, after] = WILDCARDS[OPERATOR[lookup]]
  return { operator: lookup.startsWith('i') ? 'ILIKE' : 'LIKE', pattern: `${before}${escaped(term)}${after}` }
}

function escaped (term: string): string {
  return term.replace(/[\\%_]/g, '\\$&')
}

/** Finds at least all that match: as wildcards `%` and `_` match themselves too. */
export function narrowingFilter (term: string, lookup: LookupType): object {
  return lookup === 'iexact' ? { startsWith: term } : { [OPERATOR[lookup]]: term }
}

/** Whether what the database finds is all that matches, and nothing else. */
export function isToldBySqlite (term: string, lookup: LookupType): boolean {
  return lookup === 'exact' || (lookup.startsWith('i') && lookup !== 'iexact' && !/[%_]/.test(term))
}
