import type { FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_INVALID_INPUT } from '../errors.js'
import type { LogFilter } from '../log/store.js'
import { textOf } from './input.js'

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

/** A date alone is the start of that day, a time without zone is in UTC. */
export function dateOf (name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const day = text.slice(0, 10)
  const date = new Date(/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`)
  if (Number.isNaN(date.getTime()) || !isDay(day) || date.getUTCFullYear() < 1) throw new FST_IMPERSONATE_INVALID_INPUT(`"${name}" takes a date that exists`)
  return date
}

/** JavaScript takes 31 February for 3 March. */
function isDay (text: string): boolean {
  const day = new Date(text)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}
