import accepts from 'accepts'
import type { FastifyRequest } from 'fastify'

/** Whether this request wants JSON: by what it accepts, by the body it sent, or because a script fetched it. */
export function wantsJson (request: FastifyRequest): boolean {
  const { headers } = request
  const accept = headers.accept ?? ''
  if (/^application\/(.+\+)?json\b/i.test(headers['content-type'] ?? '')) return true
  if (headers['sec-fetch-dest'] === 'empty' && !/\btext\/html\b/i.test(accept)) return true
  return accepts(request.raw).type(['text/html', 'application/json']) === 'application/json'
}
