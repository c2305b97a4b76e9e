import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Law 13. As an onSend hook, because an answer that fails before our own hooks is a page too.
 * A policy that the application has set holds as well.
 */
export function protectPage (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: () => void): void {
  if (request.routeOptions.config.impersonateRoute !== 'asset') {
    const policy = reply.getHeader('content-security-policy')
    const own = "frame-ancestors 'none'"
    reply.header('content-security-policy', policy === undefined ? own : `${String(policy)}, ${own}`)
    reply.headers({ 'x-frame-options': 'DENY', 'referrer-policy': 'same-origin', 'x-content-type-options': 'nosniff' })
    if (!String(reply.getHeader('cache-control')).includes('no-store')) reply.header('cache-control', 'no-store')
  }
  done()
}
