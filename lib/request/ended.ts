import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { FST_IMPERSONATE_ENDED } from '../errors.js'
import { isShown } from '../http/origin.js'
import { sendHtml, sendJson, sendText } from '../http/send.js'
import { wantsJson } from '../http/wants-json.js'
import type { MessageKey } from '../messages/language.js'
import type { Over } from '../overlay/overlay.js'
import { PRIVATE } from '../overlay/private.js'

/**
 * Refuses a request that found its impersonation over: our page for people, a coded error for programs.
 * True where the answer has been sent.
 *
 * @throws FST_IMPERSONATE_ENDED with `endReason`
 */
export async function answerEnded (
  context: Context, request: FastifyRequest, reply: FastifyReply, over: Over
): Promise<true> {
  const { state } = context
  const { reason } = over
  // The page first: as long as nobody has been told, the cookie keeps what is asked for from running as somebody else.
  const answer = wantsJson(request) ? null : await pageOf(context, request, over)
  // A frame, fetch or image that drops the cookie would unmask the next click on a page that still shows the target.
  if (isShown(request.headers)) state.forget(request, reply)
  reply.header('cache-control', PRIVATE)

  if (answer !== null) {
    if (answer.isPage) sendHtml(reply.code(409), answer.text)
    else sendText(reply.code(409), 'text/plain; charset=utf-8', answer.text)
    return true
  }
  const error = Object.assign(new FST_IMPERSONATE_ENDED(reason ?? 'unknown'), { endReason: reason })
  if (!hasDefaultErrorHandler(request)) throw error
  // Fastify's default handler would leave the reason out.
  const { code, message } = error
  sendJson(reply.code(409), { statusCode: 409, code, error: 'Conflict', message, endReason: reason })
  return true
}

/** The page that tells it; the same as plain text where its template is broken. */
async function pageOf ({ settings, views }: Context, request: FastifyRequest, { row, reason }: Over) {
  const page = {
    name: row?.impersonatingName ?? null,
    reason,
    endedBy: row?.endedByName ?? null,
    user: request.realUser && settings.nameOf(request.realUser),
    link: settings.redirectUrl
  }
  try {
    return { isPage: true, text: await views.render('ended', page) }
  } catch (err) {
    request.log.error({ err }, 'fastify-impersonate: the page that tells of an ended impersonation cannot be shown')
    const { t } = settings.language
    const why: MessageKey = `ended.${reason ?? 'unknown'}`
    const lines = [
      t('ended.title'),
      page.name && t('ended.saw', { name: page.name }),
      `${t(why)} ${t('ended.notDone')}`,
      page.user && t('ended.again', { name: page.user }),
      `${t('ended.go')}: ${page.link}`
    ]
    return { isPage: false, text: `${lines.filter(line => line !== null).join('\n\n')}\n` }
  }
}

function hasDefaultErrorHandler (request: FastifyRequest): boolean {
  return request.server.errorHandler.name === 'defaultErrorHandler'
}
