import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasMethods } from '../is.js'
import { PRIVATE } from '../overlay/private.js'
import type { Settings } from '../settings.js'
import type { Banner } from './banner.js'
import { decode } from './decode.js'
import { insertIntoBytes, insertIntoStream, insertIntoText, type Insertion } from './insert.js'
import { encodingOf, isReadableHtml, wishOf } from './readable.js'

/** What was told of the page as it was before. */
const OUTDATED = [
  'content-encoding', 'content-length', 'etag', 'last-modified', 'accept-ranges', 'content-md5', 'digest', 'content-digest', 'repr-digest'
]

type Done = (error?: Error | null, payload?: unknown) => void

/** Puts the banner into every HTML page while impersonating. Not registered without the option. */
export function addBanner (fastify: FastifyInstance, settings: Settings, banner: Banner): void {
  if (settings.banner === false) return
  const { frames } = settings.banner
  fastify.addHook('onRequest', askForWholePage)
  fastify.addHook('onSend', showBanner)

  /** A page that the browser has kept from before has no banner, so that 304 is no answer. */
  function askForWholePage (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    if (request.impersonation !== null) {
      const { headers } = request.raw
      const wish = wishOf(headers, frames)
      if (wish === 'page' || (wish === 'unknown' && /\btext\/html\b/i.test(headers.accept ?? ''))) {
        delete headers['if-none-match']
        delete headers['if-modified-since']
      }
    }
    done()
  }

  /**
   * @fastify/compress works in hooks of the routes, which all come after those of the instance: it has compressed
   * nothing yet.
   */
  function showBanner (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: Done): void {
    if (request.impersonation === null || request.routeOptions.config.impersonateRoute !== undefined) return done()
    const wish = wishOf(request.headers, frames)
    if (wish === 'part') return done()
    const page = unwrap(reply, payload)
    const insertion = isReadableHtml(reply) ? banner(request) : null
    const shown = insertion === null ? null : insert(request, page, encodingOf(reply), wish === 'page', insertion)
    if (shown !== null) {
      for (const name of OUTDATED) {
        reply.removeHeader(name)
        reply.raw.removeHeader(name)
      }
      reply.header('cache-control', PRIVATE)
    }
    done(null, shown ?? page)
  }
}

/** Null where the page stays as it is. */
function insert (
  { method }: FastifyRequest, sent: unknown, encoding: string, isPage: boolean, insertion: Insertion
): unknown {
  const page = encoding !== '' && Buffer.isBuffer(sent) ? Readable.from([sent]) : sent
  if (typeof page === 'string') return insertIntoText(page, isPage, insertion)
  if (Buffer.isBuffer(page)) return insertIntoBytes(page, isPage, insertion)
  const stream = page instanceof ReadableStream ? Readable.fromWeb(page) : page
  if (!isStream(stream)) return null
  // Nobody reads it, but its length would be told wrong.
  return method === 'HEAD' ? stream : insertIntoStream(decode(stream, encoding), isPage, insertion)
}

function isStream (value: unknown): value is NodeJS.ReadableStream {
  return hasMethods(value, ['pipe', 'on'])
}

/** Of a `Response` what Fastify would take of it after the last hook. */
function unwrap (reply: FastifyReply, payload: unknown): unknown {
  if (!(payload instanceof Response) || payload.bodyUsed) return payload
  reply.code(payload.status)
  for (const [name, value] of payload.headers) reply.header(name, value)
  return payload.body
}
