import type { FastifyReply, FastifyRequest } from 'fastify'
import { field } from '../is.js'

/** Whether the browser is gone while nothing of the answer is on its way. HTTP/2 tells it of the request alone. */
export function isGone ({ raw }: FastifyRequest, reply: FastifyReply): boolean {
  return !reply.raw.headersSent && (field(raw.socket, 'destroyed') === true || field(raw, 'aborted') === true)
}

/** Calls this once, should the browser go before anything of the answer is on its way to it. */
export function whenGone (request: FastifyRequest, reply: FastifyReply, lost: () => void): void {
  reply.raw.once('close', () => { if (isGone(request, reply)) lost() })
}
