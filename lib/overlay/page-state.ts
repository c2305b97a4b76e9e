import type { FastifyRequest } from 'fastify'

/** The field of a form and the header of a fetch that say in which state their page was made. */
export const STATE_FIELD = '_impersonation'
const STATE_HEADER = 'x-impersonation'

/** The state that a page of this request is made in: the impersonation's id, `none` where the real user is shown. */
export function stateOf (request: FastifyRequest): string {
  return request.impersonation?.id ?? 'none'
}

/** Whether the header says that the page behind this request was made in another state. */
export function isStaleByHeader (request: FastifyRequest): boolean {
  const state = request.headers[STATE_HEADER]
  return state !== undefined && state !== stateOf(request)
}

/**
 * Takes the field out of a body, so that no schema of the application has to know it.
 *
 * @returns undefined where there is none
 */
export function takeStateField ({ body }: FastifyRequest): unknown {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, STATE_FIELD)) return undefined
  const field: unknown = Reflect.get(body, STATE_FIELD)
  Reflect.deleteProperty(body, STATE_FIELD)
  return field
}

/** Whether a form's field says another state than this request's. A form without the field says nothing. */
export function isStaleField (request: FastifyRequest, field: unknown): boolean {
  if (field === undefined) return false
  // A layout and a form in it may both carry it: twice the same is once.
  const values = [field].flat().map(valueOf)
  return values.length === 0 || values.some(value => value !== stateOf(request))
}

/** @fastify/multipart wraps the fields that it attaches to a body. */
function valueOf (field: unknown): unknown {
  return typeof field === 'object' && field !== null && 'value' in field ? field.value : field
}
