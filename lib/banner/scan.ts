import { past, SPACE, textEnd, tokenAt, type TextEnd, type Token } from './tokens.js'

/** Looks for the place of what comes first in a body; give it what follows what it has passed. */
export type BodyScanner = (text: string, isLast: boolean) => Scanned

export type Scanned =
  | { is: 'found', at: number }
  /** Not up to here; give the rest again, with more. */
  | { is: 'more', at: number }
  /** This is a fragment, or has no body that shows anything. */
  | { is: 'none' }

/** Elements with which the parser stays in the head, or has not got there yet. */
const IN_HEAD = new Set(['base', 'basefont', 'bgsound', 'head', 'html', 'link', 'meta', 'noframes', 'noscript', 'script', 'style', 'template', 'title', '!--'])

/** Elements whose content is text, whatever it looks like. */
const TEXTS = new Set(['iframe', 'noembed', 'noframes', 'noscript', 'script', 'style', 'textarea', 'title', 'xmp', '!--'])

/** End tags that begin a body. */
const BODY_ENDS = new Set(['body', 'br', 'html'])

/**
 * Finds where a body begins as WHATWG HTML's tree construction does (13.2.6.4.1 to 13.2.6.4.6): behind its start tag, or where
 * that was left out, in front of the first thing that does not belong into the head.
 *
 * @param isPage whether this is a whole document for sure; otherwise a doctype, `<html>` or `<body>` has to say so
 */
export function createBodyScanner (isPage: boolean): BodyScanner {
  let isDocument = isPage
  let isStart = true
  let isBehindHead = false
  let templates = 0
  let inText: TextEnd | null = null

  return function scan (text, isLast) {
    if (isStart && text.length < 3 && !isLast) return { is: 'more', at: 0 }
    // A byte order mark, as a character or as the bytes of UTF-8.
    let at = isStart ? past(/\ufeff|\u00ef\u00bb\u00bf/y, text, 0) : 0
    isStart = false

    for (;;) {
      if (inText !== null) {
        const { end, seen } = inText(text, at)
        if (end === -1) return isLast ? { is: 'none' } : { is: 'more', at: seen }
        inText = null
        at = end
      }
      at = past(SPACE, text, at)
      const token = tokenAt(text, at)
      if (token === null) {
        if (!isLast) return { is: 'more', at }
        // At the very end these two are text; all other tokens without an end are nothing.
        return templates === 0 && '</'.startsWith(text.slice(at)) ? place(at) : { is: 'none' }
      }
      const { is, name, end } = token
      if (templates === 0) {
        if (is === 'doctype' || (is === 'start' && (name === 'html' || name === 'body'))) isDocument = true
        if (is === 'end' && name === 'head') isBehindHead = true
        if (isBody(token) || (isBehindHead && is === 'start' && name === 'noscript')) return name === 'frameset' ? { is: 'none' } : place(is === 'start' && name === 'body' ? end : at)
      }
      if (name === 'template') templates = Math.max(0, templates + (is === 'start' ? 1 : -1))
      if (is === 'start' && TEXTS.has(name)) inText = textEnd(name)
      at = end
    }
  }

  function place (at: number): Scanned {
    return isDocument ? { is: 'found', at } : { is: 'none' }
  }
}

function isBody ({ is, name }: Token): boolean {
  return is === 'text' || (is === 'start' && !IN_HEAD.has(name)) || (is === 'end' && BODY_ENDS.has(name))
}
