import * as errors from '../../errors.js'

/** What the routes answer, for an application's OpenAPI document. Nothing here is run: answers are sent as they are. */
export type Refusal = keyof typeof errors

const error = {
  type: 'object',
  properties: {
    statusCode: { type: 'integer' },
    code: { type: 'string' },
    error: { type: 'string' },
    message: { type: 'string' },
    endReason: { type: ['string', 'null'], description: 'why it ended, with FST_IMPERSONATE_ENDED' }
  }
}

/** How a page refuses people before its handler runs. */
export const AT_THE_DOOR: Refusal[] = [
  'FST_IMPERSONATE_INVALID_INPUT', 'FST_IMPERSONATE_NOT_AUTHENTICATED', 'FST_IMPERSONATE_FORBIDDEN',
  'FST_IMPERSONATE_ALREADY_ACTIVE', 'FST_IMPERSONATE_ENDED', 'FST_IMPERSONATE_UNAVAILABLE'
]
/** The same of what changes something. */
export const CHANGING: Refusal[] = [...AT_THE_DOOR, 'FST_IMPERSONATE_CROSS_SITE', 'FST_IMPERSONATE_STALE_PAGE']

export function json (description: string, schema: object) {
  return { description, content: { 'application/json': { schema } } }
}

export function html (description: string) {
  return { description, content: { 'text/html': { schema: { type: 'string' } } } }
}

/** A page, or what it shows as JSON. */
export function pageOrJson (description: string, schema: object) {
  return { description, content: { ...json('', schema).content, ...html('').content } }
}

/** One answer a status, which names the errors that have it; 500 is also for what nobody expected. */
export function refusals (...names: Refusal[]) {
  const codes = new Map<number, string[]>([[500, ['FST_IMPERSONATE_ERROR']]])
  for (const name of names) {
    const { statusCode = 500 } = new errors[name]('')
    codes.set(statusCode, [...codes.get(statusCode) ?? [], name])
  }
  return Object.fromEntries([...codes].map(([status, names]) => [status, pageOrJson(names.join(', '), error)]))
}

/** A form is answered by a redirect, and so is a person who is not let in. */
export const forms = { 302: html('Done, as HTML; or not let in') }
export const away = { 302: html('Not let in, as HTML') }
