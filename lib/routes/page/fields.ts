import { LENGTHS } from '../../log/columns.js'
import type { Settings } from '../../settings.js'

/** JSON schemas of what routes take. A `description` says it in words: it is what an error tells the client. */
const NO_NUL = '^[^\\u0000]*$'

export const id = { type: 'string', minLength: 1, maxLength: LENGTHS.impersonatingId, pattern: NO_NUL, description: 'an id' }
/** An empty field is none: forms without scripts send all of theirs. */
export const optionalId = { ...id, minLength: 0 }
export const optionalDate = {
  type: 'string',
  pattern: '^(\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)?)?)?$',
  description: 'a date such as 2026-01-31 or 2026-01-31T12:00:00Z'
}
export const date = { ...optionalDate, minLength: 1 }
export const pageNumber = { type: 'string', pattern: '^[1-9]\\d{0,8}$', description: 'a whole number from 1' }
export const reason = {
  type: ['string', 'null'],
  maxLength: LENGTHS.reason,
  pattern: NO_NUL,
  description: `a text of at most ${LENGTHS.reason} characters`
}
export const path = { type: 'string', maxLength: LENGTHS.returnTo, description: 'a path of this application' }

/** The field that carries where a start leads, where the application has named one. */
export function redirectField ({ redirectFieldName }: Settings): Record<string, object> {
  return redirectFieldName === undefined ? {} : { [redirectFieldName]: path }
}

/** Named fields and no others. */
export function object (properties: object, required: string[] = []) {
  return {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
    description: `nothing but ${Object.keys(properties).join(', ')}`
  }
}

/** What a route reads of a query. Other fields are ignored, as links carry what others have added. */
export function query (properties: object) {
  return { type: 'object', properties }
}

/** A body that may be missing: a form without fields has none. */
export function body (properties: object) {
  return { ...object(properties), type: ['object', 'null'] }
}

/** The path of a route that is about one entry of the log. */
export const idInPath = object({ id }, ['id'])
