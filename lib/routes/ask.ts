import type { FastifyReply } from 'fastify'
import type { Context } from '../context.js'

/** What the page that asks is about. */
export interface Question {
  what: 'start' | 'stop'
  /** Whom it is about, where that may be said. */
  name: string | null
  action: string
  fields: Record<string, string>
}

/** The page that asks before anything starts or stops: its form is a POST of our own page. */
export async function askPage ({ views, settings }: Context, reply: FastifyReply, question: Question, status = 200): Promise<unknown> {
  const html = await views.render('ask', { ...question, isCrossSite: status === 403, back: settings.redirectUrl })
  return reply.code(status).type('text/html; charset=utf-8').send(html)
}
