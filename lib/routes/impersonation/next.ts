import type { FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { safeDestination } from '../../http/redirect.js'
import { textOf } from '../page/input.js'

/** Where a start is asked to lead: by its form, else by its query where that is switched on. */
export function nextOfStart (
  { settings: { redirectFieldName }, destinations }: Context, { body, query }: FastifyRequest
): string | null {
  const asked = textOf(body, 'next') ?? textOf(body, redirectFieldName) ?? textOf(query, redirectFieldName)
  return safeDestination(asked, destinations)
}

/** Where a stop is asked to lead: by either name, in its form or query. */
export function nextOfStop (
  { settings: { redirectFieldName }, destinations }: Context, { body, query }: FastifyRequest
): string | null {
  const asked = ['next', redirectFieldName].map(name => textOf(body, name) ?? textOf(query, name))
  return safeDestination(asked.find(next => next !== undefined), destinations)
}
