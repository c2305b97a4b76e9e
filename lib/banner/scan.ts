import { past, SPACE, textEnd, tokenAt, type OpenToken, type TextEnd, type Token } from './tokens.js'

/**
 * Looks for the place of what comes first in a body. It is given each piece of a page once; places count from the
 * page's start.
 */
export type BodyScanner = (piece: string, isLast: boolean) => Scanned

export type Scanned =
  | { is: 'found', at: number }
  /** It is not in front of this place. */
  | { is: 'more', before: number }
  /** This is a fragment, or has no body that shows anything. */
  | { is: 'none' }

/** Elements with which the parser stays in the head, or has not got there yet. */
const IN_HEAD = new Set([
  'base', 'basefont', 'bgsound', 'head', 'html', 'link', 'meta', 'noframes', 'noscript', 'script', 'style', 'template', 'title', '!--'
])

/** Elements whose content is text, whatever it looks like. */
const TEXTS = new Set(['iframe', 'noembed', 'noframes', 'noscript', 'script', 'style', 'textarea', 'title', 'xmp', '!--'])

/** End tags that begin a body. */
const BODY_ENDS = new Set(['body', 'br', 'html'])

/** A byte order mark, as a character or as the bytes of UTF-8. */
const MARK = /\ufeff|\u00ef\u00bb\u00bf/y

/** The byte order marks of UTF-16, in which no tag has the bytes that it has in ASCII. */
const UTF_16 = /^(\u00ff\u00fe|\u00fe\u00ff)/

/**
 * Finds where a body begins as WHATWG HTML's tree construction does (13.2.6.4.1 to 13.2.6.4.6): behind its start tag,
 * or where that was left out, in front of the first thing that does not belong into the head.
 *
 * @param isPage whether this is a whole document for sure; otherwise a doctype, `<html>` or `<body>` has to say so
 * @param areBytes whether each character stands for a byte
 */
export function createBodyScanner (isPage: boolean, areBytes = false): BodyScanner {
  let isDocument = isPage
  let isStart = true
  let isBehindHead = false
  let templates = 0
  let inText: TextEnd | null = null
  let open: { token: OpenToken, start: number } | null = null
  /** What was not passed of the pieces before: a few characters, and where they are in the page. */
  let rest = ''
  let base = 0

  return function scan (piece, isLast) {
    const text = rest + piece
    let at = 0
    if (isStart) {
      if (text.length < 3 && !isLast) return wait(text, 0)
      isStart = false
      if (areBytes && UTF_16.test(text)) return { is: 'none' }
      at = past(MARK, text, 0)
    }

    for (;;) {
      if (inText !== null) {
        const { end, seen } = inText(text, at)
        if (end === -1) return isLast ? { is: 'none' } : wait(text, seen)
        inText = null
        at = end
      }
      if (open === null) {
        at = past(SPACE, text, at)
        const token = tokenAt(text, at)
        if (token === null) {
          if (!isLast) return wait(text, at)
          // At the very end these two are text; all other tokens without an end are nothing.
          return templates === 0 && '</'.startsWith(text.slice(at)) ? place(base + at) : { is: 'none' }
        }
        open = { token, start: base + at }
        at = token.from
      }
      const { token, start } = open
      const end = token.end(text, at)
      if (end === -1) return isLast ? { is: 'none' } : wait(text, text.length, start)
      open = null
      at = end
      const found = pass({ is: token.is, name: token.name() }, start, base + end)
      if (found !== null) return found
    }
  }

  /** Goes on with the next piece, which follows what has been passed. */
  function wait (text: string, passed: number, before = base + passed): Scanned {
    rest = text.slice(passed)
    base += passed
    return { is: 'more', before }
  }

  /** What a token means for where the body is; null where it goes on. */
  function pass (token: Token, start: number, end: number): Scanned | null {
    const { is, name } = token
    if (templates === 0) {
      if (is === 'doctype' || (is === 'start' && (name === 'html' || name === 'body'))) isDocument = true
      if (is === 'end' && name === 'head') isBehindHead = true
      if (isBody(token) || (isBehindHead && is === 'start' && name === 'noscript')) {
        return name === 'frameset' ? { is: 'none' } : place(is === 'start' && name === 'body' ? end : start)
      }
    }
    if (name === 'template') templates = Math.max(0, templates + (is === 'start' ? 1 : -1))
    if (is === 'start' && TEXTS.has(name)) inText = textEnd(name)
    return null
  }

  function place (at: number): Scanned {
    return isDocument ? { is: 'found', at } : { is: 'none' }
  }
}

function isBody ({ is, name }: Token): boolean {
  return is === 'text' || (is === 'start' && !IN_HEAD.has(name)) || (is === 'end' && BODY_ENDS.has(name))
}
