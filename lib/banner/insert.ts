import { Readable, Transform, pipeline } from 'node:stream'
import { createBodyScanner, type BodyScanner } from './scan.js'

/**
 * What goes into a page: in front of everything in its body, and behind it. ASCII, so that it fits any charset that has
 * it.
 */
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
  const scan = createBodyScanner(isPage, true)
  // Latin-1 makes each byte one character, so that places in the text are places in the bytes.
  const look = (from: number, to: number) => scan(page.toString('latin1', from, to), to >= page.length)
  let end = USUAL_HEAD
  let found = look(0, end)
  while (found.is === 'more') found = look(end, end *= 2)
  if (found.is === 'none') return null
  return Buffer.concat([page.subarray(0, found.at), Buffer.from(first), page.subarray(found.at), Buffer.from(last)])
}

/** A page that is still being made. Whatever is known not to be the place goes on at once. */
export function insertIntoStream (page: NodeJS.ReadableStream, isPage: boolean, { first, last }: Insertion): Readable {
  let scan: BodyScanner | null = createBodyScanner(isPage, true)
  let held: Buffer[] = []
  /** How much has gone on, and how much has come. */
  let [passed, read] = [0, 0]
  let end = ''

  /** What may go on now. */
  function look (chunk: Buffer, isLast: boolean): Buffer[] {
    held.push(chunk)
    read += chunk.length
    const found = scan?.(chunk.toString('latin1'), isLast)
    if (found?.is === 'more' && read - found.before < LONGEST_TAG) return passUpTo(found.before)
    scan = null
    if (found?.is !== 'found') return passUpTo(read)
    end = last
    return [...passUpTo(found.at), Buffer.from(first), ...passUpTo(read)]
  }

  function passUpTo (place: number): Buffer[] {
    if (place <= passed) return []
    const bytes = Buffer.concat(held)
    held = [bytes.subarray(place - passed)]
    const passing = bytes.subarray(0, place - passed)
    passed = place
    return [passing]
  }

  const inserting = new Transform({
    transform (chunk: Buffer, encoding, done) {
      if (scan === null) return done(null, chunk)
      done(null, Buffer.concat(look(chunk, false)))
    },
    flush (done) {
      const rest = scan === null ? [] : look(Buffer.alloc(0), true)
      done(null, Buffer.concat([...rest, Buffer.from(end)]))
    }
  })
  // Its error is the transform's, too; whoever reads that sees it.
  pipeline(page, inserting, () => {})
  return inserting
}
