import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { safePath } from '../http/redirect.js'
import { sendHtml, sendJson, sendText } from '../http/send.js'
import { startAddress, urlOf } from '../http/urls.js'
import { wantsJson } from '../http/wants-json.js'
import { noteRefusal } from '../impersonation/refused.js'
import { field } from '../is.js'
import { hintOf } from './hint.js'
import { askPage } from './impersonation/ask.js'
import { nextOfStart } from './impersonation/next.js'
import { textOf } from './page/input.js'

/** How a refusal or failure on the plugin's own pages is answered. */
export async function answerFailure (
  context: Context, thrown: unknown, request: FastifyRequest, reply: FastifyReply
): Promise<unknown> {
  try {
    return await answer(context, thrown, request, reply)
  } catch (broken) {
    // All that throws above is the rendering. Where a template of the application's own is broken, no page can say so.
    request.log.error({ err: broken }, 'fastify-impersonate: the page that tells of a failure cannot be shown')
    return sendText(reply.code(500), 'text/plain; charset=utf-8', `${String(field(broken, 'message'))}\n`)
  }
}

async function answer (
  context: Context, thrown: unknown, request: FastifyRequest, reply: FastifyReply
): Promise<unknown> {
  const { settings, views } = context
  const error = asError(thrown)
  const status = Number(error.statusCode) >= 400 ? Number(error.statusCode) : 500
  if (status >= 500) request.log.error({ err: thrown }, error.message)
  else noteRefusal(settings, request, thrown, idsOf(request), hintOf(settings, error, request))

  // What comes from elsewhere may hold anything, such as a database's words.
  const isOurs = error.code.startsWith('FST_')
  const message = status >= 500 && !isOurs ? 'Something went wrong' : error.message
  const title = STATUS_CODES[status] ?? 'Error'
  if (wantsJson(request)) {
    const code = error.code || 'FST_IMPERSONATE_ERROR'
    const endReason = 'endReason' in error ? { endReason: error.endReason } : {}
    return sendJson(reply.code(status), { statusCode: status, code, error: title, message, ...endReason })
  }
  switch (error.code) {
    case 'FST_IMPERSONATE_NOT_AUTHENTICATED': return reply.redirect(loginAddress(context, request))
    case 'FST_IMPERSONATE_FORBIDDEN': case 'FST_IMPERSONATE_ALREADY_ACTIVE': return reply.redirect(settings.redirectUrl)
    case 'FST_IMPERSONATE_REASON_REQUIRED': {
      const userId = String(textOf(request.params, 'userId') ?? textOf(request.body, 'userId'))
      const address = startAddress(settings, userId, nextOfStart(context, request))
      const given = { reason: textOf(request.body, 'reason') ?? '', refusal: message }
      return await askPage(context, reply, { what: 'start', name: null, ...address, given }, status)
    }
    case 'FST_IMPERSONATE_CROSS_SITE': {
      const { impersonateRoute: route } = request.routeOptions.config
      const userId = textOf(request.params, 'userId')
      if (route === 'stop') {
        const action = urlOf(settings, 'stop', null)
        return await askPage(context, reply, { what: 'stop', name: null, action, fields: {} }, status)
      }
      if (route === 'start' && userId !== undefined) {
        const address = startAddress(settings, userId, null)
        return await askPage(context, reply, { what: 'start', name: null, ...address }, status)
      }
    }
  }
  const html = await views.render('error', {
    status,
    title: titleOf(context, error.code, status),
    message: sentenceOf(context, isOurs ? error : null, status, message),
    // By which the people who run the application find it in their log.
    reference: status >= 500 ? String(request.id) : null,
    back: settings.redirectUrl
  })
  return sendHtml(reply.code(status), html)
}

/** What a request is about. The id in a path is one of the log's, but a user's where it begins something. */
function idsOf ({ params, body }: FastifyRequest) {
  return { userId: textOf(params, 'userId') ?? textOf(body, 'userId'), impersonationId: textOf(params, 'id') }
}

function titleOf ({ settings: { language } }: Context, code: string, status: number): string {
  const key = [code.replace('FST_IMPERSONATE_', 'error.title.'), `error.title.${status}`].find(language.has)
  return language.t(key ?? (status >= 500 ? 'error.title.500' : 'error.title'))
}

/** What happened, in the pages' language where it is something that people meet. */
function sentenceOf (
  { settings: { language } }: Context, own: FastifyError | null, status: number, message: string
): string {
  const key = String(own?.code).replace('FST_IMPERSONATE_', 'error.')
  const words = field(own, 'words')
  const told = words === undefined ? '' : ` ${sentence(String(words))}`
  if (language.has(key)) return language.t(key, { setting: String(field(own, 'setting')) }) + told
  return own === null && status >= 500 ? language.t('error.unknown') : sentence(message)
}

/** What the application says may end as it likes. */
function sentence (text: string): string {
  return /\p{P}\s*$/u.test(text) ? text : `${text}.`
}

/** Sign-in, and back; after a start or stop that was not let in, to the list. */
function loginAddress ({ settings, destinations }: Context, request: FastifyRequest): string {
  const here = request.method === 'GET' ? safePath(settings.publicPrefix + request.url, destinations.bases) : null
  const next = here ?? urlOf(settings, 'list', null)
  const separator = settings.loginUrl.includes('?') ? '&' : '?'
  return `${settings.loginUrl}${separator}${new URLSearchParams({ next })}`
}

/** What an application's hook throws may be anything, and its code a number. */
function asError (thrown: unknown): FastifyError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const [code, statusCode] = [field(error, 'code'), field(error, 'statusCode')]
  return Object.create(error, {
    code: { value: typeof code === 'string' ? code : '' },
    statusCode: { value: typeof statusCode === 'number' ? statusCode : 500 }
  })
}
