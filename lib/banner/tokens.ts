import { tagEnd } from './tag-end.js'

/**
 * A piece of HTML: a tag, a text up to the next `<`, or a note, which is what no tree has (short or broken comments).
 */
export interface Token {
  is: 'start' | 'end' | 'text' | 'doctype' | 'note'
  /** Of a tag, in small letters; `!--` begins a comment. */
  name: string
}

/** A token from where its kind is known. It is given each piece of the text once. */
export interface OpenToken {
  is: Token['is']
  /** Where the rest of it is looked for. */
  from: number
  /** Where the token ends; -1 where that is in a later piece. */
  end: (text: string, from: number) => number
  /** To be asked when the token has ended. */
  name: () => string
}

/** Where a text that only its own end mark ends goes on being one; `end` is -1 as long as the mark is not there. */
export type TextEnd = (text: string, from: number) => { end: number, seen: number }

/** Longer than any mark that has to be seen as a whole. */
const LONGEST_MARK = 16

/**
 * Tokenization as in WHATWG HTML 13.2.5, of all that may come before a body. Null where too little is there to tell
 * what it is: at most nine characters.
 */
export function tokenAt (text: string, at: number): OpenToken | null {
  if (at >= text.length) return null
  if (text[at] !== '<') return plain('text', at)
  const next = text[at + 1]
  if (next === undefined) return null
  if (/[a-z]/i.test(next)) return tagAt(at + 1, 'start')
  if (next === '!') return declarationAt(text, at)
  if (next !== '/' && next !== '?') return plain('text', at + 1)
  if (next === '?') return untilBracket('note', at)
  const letter = text[at + 2]
  if (letter === undefined) return null
  return /[a-z]/i.test(letter) ? tagAt(at + 2, 'end') : untilBracket('note', at)
}

/** Skips what a sticky pattern takes. */
export function past (pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

export const SPACE = /[\t\n\f\r ]+/y

/** A text ends where a piece does, as what follows is a text again. */
function plain (is: 'text', from: number): OpenToken {
  return { is, from, name: () => '', end: (text, at) => otherwise(text.indexOf('<', at), text.length) }
}

function otherwise (found: number, end: number): number {
  return found === -1 ? end : found
}

function untilBracket (is: 'note' | 'doctype', from: number): OpenToken {
  return { is, from, name: () => '', end: (text, at) => text.indexOf('>', at) + 1 || -1 }
}

function tagAt (from: number, is: 'start' | 'end'): OpenToken {
  return { is, from, ...tagEnd() }
}

function declarationAt (text: string, at: number): OpenToken | null {
  const start = text.slice(at, at + 9).toLowerCase()
  if ('<!doctype'.startsWith(start)) return start.length < 9 ? null : untilBracket('doctype', at)
  if (!start.startsWith('<!--')) return start === '<!-' ? null : untilBracket('note', at)
  // `<!-->` and `<!--->` are whole comments.
  if (start.length < 6 && !start.startsWith('<!-->')) return null
  if (start.startsWith('<!-->') || start.startsWith('<!--->')) return untilBracket('note', at)
  return { is: 'start', from: at, name: () => '!--', end: () => at + 4 }
}

/** How the text ends that begins with a start tag of this name. */
export function textEnd (name: string): TextEnd {
  if (name === 'script') return scriptEnd()
  const mark = name === '!--' ? /--!?>/g : new RegExp(`</${name}(?=[\\t\\n\\f\\r />])`, 'gi')
  return (text, from) => {
    mark.lastIndex = from
    const found = mark.exec(text)
    const end = found === null ? -1 : name === '!--' ? mark.lastIndex : found.index
    return { end, seen: Math.max(from, text.length - LONGEST_MARK) }
  }
}

/** Between `<!--`, `<script` and `-->` a `</script` is no end. */
function scriptEnd (): TextEnd {
  const marks = /<!--|-->|<\/?script(?=[\t\n\f\r />])/gi
  let state = 'plain'
  return (text, from) => {
    let seen = marks.lastIndex = from
    for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
      const mark = found[0].toLowerCase()
      // The dashes of `<!--` may be those of `-->` as well.
      if (mark === '<!--') marks.lastIndex = found.index + 2
      seen = marks.lastIndex
      if (mark === '-->') state = 'plain'
      else if (mark === '<!--') state = state === 'plain' ? 'escaped' : state
      else if (mark === '<script') state = state === 'escaped' ? 'doubly escaped' : state
      else if (state !== 'doubly escaped') return { end: found.index, seen }
      else state = 'escaped'
    }
    return { end: -1, seen: Math.max(seen, text.length - LONGEST_MARK) }
  }
}
