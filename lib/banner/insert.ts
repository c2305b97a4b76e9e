import { Readable, Transform, pipeline } from 'node:stream'
import { createBodyScanner, type BodyScanner } from './scan.js'

/** What goes into a page: in front of everything in its body, and behind it. ASCII, so that it fits any charset that has it. */
export interface Insertion {
  first: string
  last: string
}

/** How many bytes of a page are looked at first. */
const USUAL_HEAD = 8192

/** What is held back of a stream, in bytes, until the end of one tag has to be there. */
const LONGEST_TAG = 1_048_576

/** A page with the insertion; null where there is no place for it. */
export function insertIntoText (page: string, isPage: boolean, { first, last }: Insertion): string | null {
  const found = createBodyScanner(isPage)(page, true)
  return found.is === 'found' ? page.slice(0, found.at) + first + page.slice(found.at) + last : null
}

/** The same of a page in whatever charset. */
export function insertIntoBytes (page: Buffer, isPage: boolean, { first, last }: Insertion): Buffer | null {
  const scan = createBodyScanner(isPage)
  // Latin-1 makes each byte one character, so that places in the text are places in the bytes.
  const look = (at: number, end: number) => scan(page.toString('latin1', at, end), end >= page.length)
  let [at, end] = [0, USUAL_HEAD]
  let found = look(at, end)
  while (found.is === 'more') found = look(at += found.at, end *= 2)
  if (found.is === 'none') return null
  at += found.at
  return Buffer.concat([page.subarray(0, at), Buffer.from(first), page.subarray(at), Buffer.from(last)])
}

/** A page that is still being made. Whatever is known not to be the place goes on at once. */
export function insertIntoStream (page: NodeJS.ReadableStream, isPage: boolean, { first, last }: Insertion): Readable {
  let scan: BodyScanner | null = createBodyScanner(isPage)
  let held = ''
  let end = ''

  function look (isLast: boolean): string {
    const found = scan?.(held, isLast)
    if (found?.is === 'more' && held.length - found.at < LONGEST_TAG) {
      const passed = held.slice(0, found.at)
      held = held.slice(found.at)
      return passed
    }
    scan = null
    if (found?.is !== 'found') return held
    end = last
    return held.slice(0, found.at) + first + held.slice(found.at)
  }

  const inserting = new Transform({
    transform (chunk: Buffer, encoding, done) {
      if (scan === null) return done(null, chunk)
      held += chunk.toString('latin1')
      done(null, Buffer.from(look(false), 'latin1'))
    },
    flush (done) {
      const rest = scan === null ? '' : look(true)
      done(null, Buffer.from(rest + end, 'latin1'))
    }
  })
  // Its error is the transform's, too; whoever reads that sees it.
  pipeline(page, inserting, () => {})
  return inserting
}
