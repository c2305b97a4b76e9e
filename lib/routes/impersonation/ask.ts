import type { FastifyReply } from 'fastify'
import type { Context } from '../../context.js'
import { sendHtml } from '../../http/send.js'
import { LONGEST_REASON } from '../../log/columns.js'

/** What the page that asks is about. */
export interface Question {
  what: 'start' | 'stop'
  /** Whom it is about, where that may be said. */
  name: string | null
  action: string
  fields: Record<string, string>
  /** What was given and why it is not enough, where the page asks again. */
  given?: { reason: string, refusal: string }
}

/** The page that asks before anything starts or stops: its form is a POST of our own page. */
export async function askPage (
  { views, settings }: Context, reply: FastifyReply, question: Question, status = 200
): Promise<unknown> {
  const { what, given } = question
  const rules = settings.requireReason
  const asksWhy = what === 'start' && (rules !== null || given !== undefined)
  const html = await views.render('ask', {
    ...question,
    isCrossSite: status === 403,
    back: settings.redirectUrl,
    reason: asksWhy ? { minLength: rules?.minLength ?? 0, maxLength: LONGEST_REASON } : null,
    given: given ?? { reason: '', refusal: '' }
  })
  return sendHtml(reply.code(status), html)
}
