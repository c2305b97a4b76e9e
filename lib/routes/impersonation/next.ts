import type { FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { safePath } from '../../http/redirect.js'
import { textOf } from '../page/input.js'

/** Where a start is asked to lead: by its form, else by its query where that is switched on. */
export function nextOfStart (
  { settings: { redirectFieldName, base } }: Context, { body, query }: FastifyRequest
): string | null {
  return safePath(textOf(body, 'next') ?? textOf(body, redirectFieldName) ?? textOf(query, redirectFieldName), base)
}

/** Where a stop is asked to lead: by either name, in its form or query. */
export function nextOfStop (
  { settings: { redirectFieldName, base } }: Context, { body, query }: FastifyRequest
): string | null {
  const asked = ['next', redirectFieldName].map(name => textOf(body, name) ?? textOf(query, name))
  return safePath(asked.find(next => next !== undefined), base)
}
