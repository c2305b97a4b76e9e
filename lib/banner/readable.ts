import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'
import { canDecode } from './decode.js'

/** Where a browser shows what it asks for, by `Sec-Fetch-Dest`. */
const FRAMES = new Set(['iframe', 'frame', 'embed', 'object'])

/** Labels of charsets in which `<` is not the byte that it is in ASCII, or not always. */
const NO_ASCII = /utf-?(7|16|32)|ucs-?[24]|unicode|10646|iso-?2022|hz-gb|ebcdic|replacement/i

/** What a request wants of an answer that turns out to be HTML. */
export type Wish =
  /** A page, whatever the markup looks like. */
  | 'page'
  /** Only the markup can tell. */
  | 'unknown'
  /** Anything but a page of its own. */
  | 'part'

/**
 * By Fetch Metadata, which browsers send to https and localhost only. A script's fetch may be for a whole page that it
 * then shows (Turbo Drive, htmx's boost), or for a part of one.
 */
export function wishOf ({ 'sec-fetch-dest': destination }: IncomingHttpHeaders, frames: boolean): Wish {
  if (destination === 'document') return 'page'
  if (destination === undefined || destination === 'empty') return 'unknown'
  return frames && FRAMES.has(String(destination)) ? 'page' : 'part'
}

/** Whether an answer is HTML, whole, to be shown, and in a form that can be read here. */
export function isReadableHtml (reply: FastifyReply): boolean {
  const header = (name: string) => String(reply.getHeader(name) ?? '')
  const { statusCode } = reply
  // Also pages that say what went wrong; 204 to 206 have no page, and nobody sees the body of a redirect.
  if (statusCode < 200 || (statusCode > 203 && statusCode < 400)) return false
  const type = header('content-type')
  if (!/^\s*text\/html\s*(;|$)/i.test(type) || NO_ASCII.test(/charset\s*=([^;]*)/i.exec(type)?.[1] ?? '')) return false
  if (/^\s*attachment/i.test(header('content-disposition')) || header('content-range') !== '') return false
  const encoding = encodingOf(reply)
  return encoding === '' || canDecode(encoding)
}

/** The content coding of an answer, such as `gzip`; empty where it has none. */
export function encodingOf (reply: FastifyReply): string {
  return String(reply.getHeader('content-encoding') ?? '').trim().toLowerCase().replace('identity', '')
}
