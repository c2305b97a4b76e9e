import type { FastifyReply, FastifyRequest } from 'fastify'

/** Whether a request wants to become a WebSocket. */
export function isUpgrade ({ headers }: FastifyRequest): boolean {
  return headers.upgrade !== undefined && /\bwebsocket\b/i.test(headers.upgrade)
}

/**
 * Closes the socket of a refused upgrade once the answer is out. @fastify/websocket does so only for requests that its
 * own hook has seen; where this plugin comes first, the socket would stay open and keep the application from closing.
 */
export function closeRefused (request: FastifyRequest, reply: FastifyReply): void {
  if (!isUpgrade(request)) return
  const { socket } = request.raw
  reply.raw.once('finish', () => { socket.destroy() })
}
