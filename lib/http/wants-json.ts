import type { FastifyRequest } from 'fastify'
import Negotiator from 'negotiator'

/** Whether this request wants JSON: by what it accepts, by the body it sent, or because a script fetched it. */
export function wantsJson (request: FastifyRequest): boolean {
  const { headers } = request
  const accept = headers.accept ?? ''
  if (/^application\/(.+\+)?json\b/i.test(headers['content-type'] ?? '')) return true
  if (headers['sec-fetch-dest'] === 'empty' && !/\btext\/html\b/i.test(accept)) return true
  return new Negotiator(request.raw).mediaType(['text/html', 'application/json']) === 'application/json'
}
