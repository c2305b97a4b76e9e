import type { LookupType } from '../types/index.js'
import { foldAscii } from './match.js'

/** So many words of a search count: each one more is a look-up more for every user. */
const MOST = 12

/**
 * The words of a search: each once, and none that is found wherever another one is. What a search finds is the same as
 * by all of them, where no more than {@link MOST} are left.
 */
export function termsOf (query: string, lookup: LookupType): string[] {
  const ignoresCase = lookup.startsWith('i')
  // Letters outside ASCII are not folded by every database.
  const prepare = (word: string) => ignoresCase ? foldAscii(word) : word
  const words = new Map(query.split(/\s+/).filter(word => word !== '').map(word => [prepare(word), word]))
  const folded = [...words.keys()]
  const isImplied = (word: string) => {
    return folded.some(other => other !== word && !isNumeric(other) && implies(other, word, lookup))
  }
  return [...words].filter(([word]) => !isImplied(word)).slice(0, MOST).map(([, word]) => word)
}

/** Whether each field that has the one has the other as well. */
function implies (word: string, other: string, lookup: LookupType): boolean {
  switch (lookup) {
    case 'exact': case 'iexact': return false
    case 'startswith': case 'istartswith': return word.startsWith(other)
    case 'endswith': case 'iendswith': return word.endsWith(other)
    case 'contains': case 'icontains': return word.includes(other)
  }
}

/** It may be found as a number, which has no parts. */
function isNumeric (word: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(word)
}
