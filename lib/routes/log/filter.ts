import type { FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_INVALID_INPUT } from '../../errors.js'
import { parseDate } from '../../http/dates.js'
import type { LogFilter } from '../../log/store.js'
import { optionalDate, optionalId } from '../page/fields.js'
import { textOf } from '../page/input.js'

/** The fields of a query that narrow the log down, as JSON schema. */
export const filterFields = {
  session: { type: 'string', enum: ['complete', 'incomplete', ''], description: 'complete or incomplete' },
  impersonator: optionalId,
  impersonating: optionalId,
  from: optionalDate,
  to: optionalDate
}

/** What the log is narrowed down to: as it was asked for, and as the log takes it. */
export function filterOf ({ query }: FastifyRequest): { asked: Record<string, string | undefined>, filter: LogFilter } {
  const asked = {
    session: textOf(query, 'session'),
    impersonator: textOf(query, 'impersonator'),
    impersonating: textOf(query, 'impersonating'),
    from: textOf(query, 'from'),
    to: textOf(query, 'to')
  }
  const { session, from, to } = asked
  const filter = {
    ...asked,
    session: session === 'complete' || session === 'incomplete' ? session : undefined,
    from: dateOf('from', from),
    to: dateOf('to', to)
  } as const
  return { asked, filter }
}

export function dateOf (name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const date = parseDate(text)
  if (date === null) throw new FST_IMPERSONATE_INVALID_INPUT(`"${name}" takes a date that exists`)
  return date
}
