import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { FST_IMPERSONATE_ENDED } from '../errors.js'
import { isPrefetch } from '../http/origin.js'
import { sendHtml, sendJson } from '../http/send.js'
import { wantsJson } from '../http/wants-json.js'
import type { Over } from '../overlay/overlay.js'

/**
 * Refuses a request that found its impersonation over: our page for people, a coded error for programs.
 * True where the answer has been sent.
 *
 * @throws FST_IMPERSONATE_ENDED with `endReason`
 */
export async function answerEnded ({ settings, state, views }: Context, request: FastifyRequest, reply: FastifyReply, over: Over): Promise<true> {
  // The cookie stays until the person has seen the page: a fetch or an image that drops it would unmask the next click.
  const mode = request.headers['sec-fetch-mode']
  if (!isPrefetch(request.headers) && (mode === undefined || mode === 'navigate')) state.forget(request, reply)
  reply.header('cache-control', 'private, no-store')

  const { row, reason } = over
  if (wantsJson(request)) {
    const error = Object.assign(new FST_IMPERSONATE_ENDED(reason ?? 'unknown'), { endReason: reason })
    if (!hasDefaultErrorHandler(request)) throw error
    // Fastify's default handler would leave the reason out.
    const { code, message } = error
    sendJson(reply.code(409), { statusCode: 409, code, error: 'Conflict', message, endReason: reason })
    return true
  }
  const html = await views.render('ended', {
    name: row?.impersonatingName ?? null,
    reason,
    endedBy: row?.endedByName ?? null,
    user: request.realUser && settings.nameOf(request.realUser),
    link: settings.redirectUrl
  })
  sendHtml(reply.code(409), html)
  return true
}

function hasDefaultErrorHandler (request: FastifyRequest): boolean {
  return request.server.errorHandler.name === 'defaultErrorHandler'
}
