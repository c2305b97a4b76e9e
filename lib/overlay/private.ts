import type { FastifyReply, FastifyRequest } from 'fastify'
import { headersOf } from '../http/head.js'
import { kOverlay } from './slots.js'

export const PRIVATE = 'private, no-store'

/** Nobody but the impersonator's browser may keep what was shown as the target. */
export function keepPrivate (request: FastifyRequest, reply: FastifyReply): void {
  if (!request[kOverlay] || isForAll(reply.getHeader('cache-control'))) return
  reply.header('cache-control', PRIVATE)
}

/**
 * The same for what goes past Fastify: said before the handler, who may hijack the reply, and again when the head is
 * written, whoever does that. Node itself calls `writeHead` where a handler only writes.
 */
export function keepRawPrivate (raw: FastifyReply['raw']): void {
  const { writeHead } = raw
  raw.setHeader('cache-control', PRIVATE)
  raw.writeHead = function writePrivateHead (status: number, ...given: unknown[]) {
    const [reason, rest] = typeof given[0] === 'string' ? [given.slice(0, 1), given.slice(1)] : [[], given]
    const headers = headersOf(rest[1] ?? rest[0])
    const said = headers['cache-control'] ?? raw.getHeader('cache-control')
    if (!isForAll(said)) headers['cache-control'] = PRIVATE
    Reflect.apply(writeHead, raw, [status, ...reason, headers])
    return raw
  }
}

/** Whether the application says that a file is the same for everybody and for good, as one whose name has its hash. */
function isForAll (control: unknown): boolean {
  const words = String(control).toLowerCase().split(',').map(word => word.trim())
  return words.includes('public') && words.includes('immutable')
}
