import type { LookupType } from '../types/index.js'
import { foldUnicode } from './match.js'

/** A piece of a text, and whether a search found it. */
export interface Piece {
  text: string
  isFound: boolean
}

/** A text in pieces: those that the terms were found in, and the rest. */
export function markFound (text: string, terms: readonly string[], lookup: LookupType): Piece[] {
  return piecesOf(text, foundIn(text, terms, lookup))
}

/**
 * The same for a name that is put together from fields: a search looks at these, so a first letter of a last name is
 * found in the middle of a name.
 */
export function markFoundByParts (
  name: string, parts: readonly string[], terms: readonly string[], lookup: LookupType
): Piece[] {
  const isFound = [...name].map(() => false)
  for (const part of parts) {
    const from = [...name.slice(0, name.indexOf(part))].length
    for (const [index, found] of foundIn(part, terms, lookup).entries()) if (found) isFound[from + index] = true
  }
  return piecesOf(name, isFound)
}

/** For each character of a text, whether it belongs to what was found. */
function foundIn (text: string, terms: readonly string[], lookup: LookupType): boolean[] {
  const prepare = (word: string) => [...lookup.startsWith('i') ? foldUnicode(word) : word]
  const characters = prepare(text)
  const isFound = characters.map(() => false)
  for (const term of terms.map(prepare)) {
    for (const start of startsOf(characters, term, lookup)) isFound.fill(true, start, start + term.length)
  }
  return isFound
}

function startsOf (text: string[], term: string[], lookup: LookupType): number[] {
  const last = text.length - term.length
  const every = Array.from({ length: Math.max(0, last + 1) }, (unused, start) => start)
  const fits = every.filter(start => term.every((character, index) => text[start + index] === character))
  switch (lookup) {
    case 'exact': case 'iexact': return fits.filter(() => last === 0)
    case 'startswith': case 'istartswith': return fits.filter(start => start === 0)
    case 'endswith': case 'iendswith': return fits.filter(start => start === last)
    case 'contains': case 'icontains': return fits
  }
}

function piecesOf (text: string, isFound: boolean[]): Piece[] {
  const pieces: Piece[] = []
  for (const [index, character] of [...text].entries()) {
    const found = isFound[index] === true
    const last = pieces.at(-1)
    if (last?.isFound === found) last.text += character
    else pieces.push({ text: character, isFound: found })
  }
  return pieces
}
