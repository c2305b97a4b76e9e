import { field } from '../is.js'
import type { LookupType } from '../types/index.js'
import { equalsNumber } from './numbers.js'

/** Lower case, one code point for one, as PostgreSQL's ILIKE folds: no final sigma, no dotted i of two. */
export function foldUnicode (text: string): string {
  let folded = ''
  for (const character of text) {
    const [first = ''] = character.toLowerCase()
    folded += first
  }
  return folded
}

/** Lower case for A to Z alone, as SQLite's LIKE folds. */
export function foldAscii (text: string): string {
  return text.replace(/[A-Z]+/g, letters => letters.toLowerCase())
}

/**
 * Whether every term is found in at least one of a record's fields. Every character is plain: there are no wildcards.
 */
export function matcher (
  terms: readonly string[], fields: readonly string[], lookup: LookupType, fold: (text: string) => string
) {
  const ignoreCase = lookup.startsWith('i')
  const prepare = (text: string) => ignoreCase ? fold(text) : text
  const found = comparison(lookup)
  const wanted = terms.map(prepare)

  return (record: object): boolean => {
    const values = fields.map(name => field(record, name))
    const texts = values.filter(value => typeof value === 'string').map(prepare)
    return wanted.every(term => {
      return texts.some(text => found(text, term)) || values.some(value => equalsNumber(value, term))
    })
  }
}

function comparison (lookup: LookupType): (text: string, term: string) => boolean {
  switch (lookup) {
    case 'exact': case 'iexact': return (text, term) => text === term
    case 'startswith': case 'istartswith': return (text, term) => text.startsWith(term)
    case 'endswith': case 'iendswith': return (text, term) => text.endsWith(term)
    case 'contains': case 'icontains': return (text, term) => text.includes(term)
  }
}
