/** A piece of HTML: a tag, a text up to the next `<`, or a note, which is what no tree has (comments that are short or broken). */
export interface Token {
  is: 'start' | 'end' | 'text' | 'doctype' | 'note'
  /** Of a tag, in small letters; `!--` begins a comment. */
  name: string
  /** Behind it. */
  end: number
}

/** Where a text that only its own end mark ends goes on being one; `end` is -1 as long as the mark is not there. */
export type TextEnd = (text: string, from: number) => { end: number, seen: number }

/** Longer than any mark that has to be seen as a whole. */
const LONGEST_MARK = 16

/** Tokenization as in WHATWG HTML 13.2.5, of all that may come before a body. Null where the token's end is not there. */
export function tokenAt (text: string, at: number): Token | null {
  if (at >= text.length) return null
  if (text[at] !== '<') return ended('text', text.indexOf('<', at), text.length)
  const next = text[at + 1]
  if (next === undefined) return null
  if (/[a-z]/i.test(next)) return tagAt(text, at + 1, 'start')
  if (next === '!') return declarationAt(text, at)
  if (next !== '/' && next !== '?') return ended('text', text.indexOf('<', at + 1), text.length)
  return next === '/' && /[a-z]/i.test(text[at + 2] ?? '') ? tagAt(text, at + 2, 'end') : noteAt(text, at)
}

/** Skips what one of the sticky patterns below takes. */
export function past (pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

export const SPACE = /[\t\n\f\r ]+/y
const GAP = /[\t\n\f\r /]+/y
const NAME = /[^\t\n\f\r />]+/y
const ATTRIBUTE = /[^\t\n\f\r />][^\t\n\f\r />=]*/y
const EQUALS = /[\t\n\f\r ]*=[\t\n\f\r ]*/y
const UNQUOTED = /[^\t\n\f\r >]+/y

function ended (is: Token['is'], end: number, otherwise: number): Token {
  return { is, name: '', end: end === -1 ? otherwise : end }
}

function noteAt (text: string, at: number, is: 'note' | 'doctype' = 'note'): Token | null {
  const end = text.indexOf('>', at)
  return end === -1 ? null : { is, name: '', end: end + 1 }
}

function declarationAt (text: string, at: number): Token | null {
  if (/^<!doctype/i.test(text.slice(at, at + 9))) return noteAt(text, at, 'doctype')
  if (!'<!--'.startsWith(text.slice(at, at + 4))) return noteAt(text, at)
  // `<!-->` and `<!--->` are whole comments.
  const start = text.slice(at + 4, at + 6)
  if (start.length < 2) return null
  return start.startsWith('>') || start === '->' ? noteAt(text, at) : { is: 'start', name: '!--', end: at + 4 }
}

function tagAt (text: string, at: number, is: 'start' | 'end'): Token | null {
  let end = past(NAME, text, at)
  const name = text.slice(at, end).toLowerCase()
  while (end < text.length) {
    end = past(GAP, text, end)
    if (text[end] === '>') return { is, name, end: end + 1 }
    const equals = past(ATTRIBUTE, text, end)
    end = past(EQUALS, text, equals)
    const quote = text[end]
    if (end === equals || quote === '>') continue
    if (quote === '"' || quote === "'") {
      const close = text.indexOf(quote, end + 1)
      if (close === -1) return null
      end = close + 1
    } else end = past(UNQUOTED, text, end)
  }
  return null
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
