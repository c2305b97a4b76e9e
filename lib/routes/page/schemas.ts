import { LENGTHS } from '../../log/columns.js'
import type { Settings } from '../../settings.js'
import { AT_THE_DOOR, html, json, page as pageOf, refusals, type Refusal } from './answers.js'

/** JSON schemas of the routes. A `description` says what a field takes: it is what an error tells the client. */
const NO_NUL = '^[^\\u0000]*$'

/** An empty field is none: forms without scripts send all of theirs. */
const optionalDate = {
  type: 'string', pattern: '^(\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)?)?)?$', description: 'a date such as 2026-01-31 or 2026-01-31T12:00:00Z'
}
const date = { ...optionalDate, minLength: 1 }
const page = { type: 'string', pattern: '^[1-9]\\d{0,8}$', description: 'a whole number from 1' }
const id = { type: 'string', minLength: 1, maxLength: LENGTHS.impersonatingId, pattern: NO_NUL, description: 'an id' }
const optionalId = { ...id, minLength: 0 }
const reason = { type: ['string', 'null'], maxLength: LENGTHS.reason, pattern: NO_NUL, description: `a text of at most ${LENGTHS.reason} characters` }
/** How long it may be is told by the start itself: 422, and the page asks again. */
const startReason = { type: ['string', 'null'], description: 'a text' }
const path = { type: 'string', maxLength: LENGTHS.returnTo, description: 'a path of this application' }

const filters = {
  session: { type: 'string', enum: ['complete', 'incomplete', ''], description: 'complete or incomplete' },
  impersonator: optionalId,
  impersonating: optionalId,
  from: optionalDate,
  to: optionalDate
}

const nullable = (type: string) => ({ type: [type, 'null'] })
const person = { type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } } }
const maybePerson = { ...person, type: ['object', 'null'] }
const impersonation = {
  type: ['object', 'null'],
  properties: {
    id: { type: 'string' }, startedAt: { type: 'string' }, expiresAt: nullable('string'), readOnly: { type: 'boolean' }, reason: nullable('string')
  }
}
const pageLinks = {
  type: 'object',
  properties: {
    number: nullable('integer'), hasNext: { type: 'boolean' }, hasPrevious: { type: 'boolean' }, next: nullable('string'), previous: nullable('string')
  }
}
const paginator = {
  type: 'object',
  properties: {
    count: { type: 'integer' }, countIsExact: { type: 'boolean' }, numPages: { type: 'integer' }, perPage: { type: 'integer' }
  }
}
const entry = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    impersonator: person,
    impersonating: person,
    reason: nullable('string'),
    readOnly: { type: 'boolean' },
    sessionStartedAt: { type: 'string' },
    expiresAt: nullable('string'),
    lastSeenAt: { type: 'string' },
    sessionEndedAt: nullable('string'),
    duration: nullable('integer'),
    endReason: nullable('string'),
    endedBy: maybePerson
  }
}
const session = { ...entry, properties: { ...entry.properties, endsAt: { type: 'string' } } }

function object (properties: object, required: string[] = []) {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false, description: `nothing but ${Object.keys(properties).join(', ')}` }
}

/** A form without fields has no body. */
function body (properties: object) {
  return { ...object(properties), type: ['object', 'null'] }
}

/** Bodies are JSON or forms. */
const consumes = ['application/json', 'application/x-www-form-urlencoded']
/** A form is answered by a redirect, and so is a person who is not let in. */
const forms = { 302: html('Done, as HTML; or not let in') }
const away = { 302: html('Not let in, as HTML') }

const CHANGING: Refusal[] = [...AT_THE_DOOR, 'FST_IMPERSONATE_CROSS_SITE', 'FST_IMPERSONATE_STALE_PAGE']
const CHANGING_ENTRY: Refusal[] = ['FST_IMPERSONATE_LOG_READ_ONLY', 'FST_IMPERSONATE_LOG_NOT_FOUND', 'FST_IMPERSONATE_LOG_OPEN']

/** One schema for each route, for its input and its answers. */
export function createSchemas ({ redirectFieldName, searchFields, hideRoutes }: Settings) {
  const redirect = redirectFieldName === undefined ? {} : { [redirectFieldName]: path }
  const paging = { page, after: id, before: id }
  const people = {
    type: 'object',
    properties: {
      users: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            ...Object.fromEntries(searchFields.map(name => [name, nullable('string')])), id: { type: 'string' }, name: { type: 'string' }, allowed: { type: 'boolean' }
          }
        }
      },
      page: pageLinks,
      paginator,
      query: { type: 'string' }
    }
  }
  const starts = {
    201: json('Started', { type: 'object', properties: { user: person, impersonator: person, impersonation, redirect: { type: 'string' } } }),
    ...forms,
    ...refusals(...CHANGING, 'FST_IMPERSONATE_TARGET_NOT_FOUND', 'FST_IMPERSONATE_REASON_REQUIRED', 'FST_IMPERSONATE_ABORTED')
  }
  const stopped = { type: 'object', properties: { user: maybePerson, redirect: { type: 'string' } } }
  const stops = { 200: json('Stopped, also where nothing ran', stopped), ...forms, ...refusals('FST_IMPERSONATE_CROSS_SITE') }
  const log = {
    type: 'object',
    properties: {
      logs: { type: 'array', items: entry },
      page: pageLinks,
      paginator,
      filters: { type: 'object', properties: { impersonators: { type: 'array', items: person } } }
    }
  }
  const described = (summary: string, schema: object) => ({ tags: ['impersonate'], summary, hide: hideRoutes, ...('body' in schema ? { consumes } : {}), ...schema })
  const idParams = object({ id }, ['id'])

  return {
    startByGet: described('Ask for, or from an own page start, an impersonation', {
      params: object({ userId: id }), querystring: object(redirect), response: { 200: html('The page that asks'), ...starts }
    }),
    start: described('Start an impersonation', {
      params: object({ userId: id }), querystring: object(redirect), body: body({ reason: startReason, next: path, ...redirect }), response: starts
    }),
    startById: described('Start an impersonation of a user whose id is the name of a page', {
      querystring: object(redirect), body: object({ userId: id, reason: startReason, next: path, ...redirect }, ['userId']), response: starts
    }),
    stopByGet: described('Ask for, or from an own page do, a stop of the impersonation', {
      response: { ...stops, 200: pageOf('The page that asks; stopped, as JSON', stopped) }
    }),
    stop: described('Stop the impersonation', { response: stops }),
    list: described('Users in scope', {
      querystring: object({ ...paging, ...redirect }), response: { 200: pageOf('A page of users', people), ...away, ...refusals(...AT_THE_DOOR) }
    }),
    search: described('Search for users in scope', {
      querystring: object({ q: { type: 'string', maxLength: 200, description: 'a text of at most 200 characters' }, ...paging, ...redirect }),
      response: { 200: pageOf('A page of the users found', people), ...away, ...refusals(...AT_THE_DOOR) }
    }),
    status: described('As whom this browser is seen', {
      querystring: object({}),
      response: {
        200: json('Who this browser is, nulls for nobody', {
          type: 'object', properties: { isImpersonate: { type: 'boolean' }, user: maybePerson, impersonator: maybePerson, impersonation }
        }),
        ...refusals('FST_IMPERSONATE_INVALID_INPUT', 'FST_IMPERSONATE_ENDED', 'FST_IMPERSONATE_UNAVAILABLE')
      }
    }),
    log: described('The log, newest first', {
      querystring: object({ ...filters, page }), response: { 200: pageOf('A page of the log', log), ...away, ...refusals(...AT_THE_DOOR) }
    }),
    logDownload: described('The log as a file, newest first', {
      querystring: object(filters),
      response: { 200: { description: 'The entries', content: { 'text/csv': { schema: { type: 'string' } }, 'application/jsonl': { schema: { type: 'string' } } } }, ...away, ...refusals(...AT_THE_DOOR) }
    }),
    logEntry: described('One log entry', {
      params: idParams, querystring: object({}), response: { 200: pageOf('The entry', entry), ...away, ...refusals(...AT_THE_DOOR, 'FST_IMPERSONATE_LOG_NOT_FOUND') }
    }),
    logAdd: described('Add a closed log entry by hand', {
      body: object({ impersonatorId: id, impersonatingId: id, sessionStartedAt: date, sessionEndedAt: date, reason },
        ['impersonatorId', 'impersonatingId', 'sessionStartedAt', 'sessionEndedAt']),
      response: { 201: json('Added', entry), ...forms, ...refusals(...CHANGING, 'FST_IMPERSONATE_LOG_READ_ONLY') }
    }),
    logEdit: described('Change the reason of a closed log entry', {
      params: idParams, body: object({ reason }, ['reason']), response: { 200: json('Changed', entry), ...forms, ...refusals(...CHANGING, ...CHANGING_ENTRY) }
    }),
    logDelete: described('Delete a closed log entry', {
      params: idParams, body: body({}), response: { 204: { type: 'null', description: 'Deleted' }, ...forms, ...refusals(...CHANGING, ...CHANGING_ENTRY) }
    }),
    sessions: described('Live impersonations, newest first', {
      querystring: object({ impersonator: optionalId, impersonating: optionalId, page }),
      response: {
        200: pageOf('A page of live impersonations', { type: 'object', properties: { sessions: { type: 'array', items: session }, page: pageLinks } }),
        ...away,
        ...refusals(...AT_THE_DOOR)
      }
    }),
    sessionEnd: described('End a live impersonation', {
      params: idParams, body: body({}), response: { 200: json('Ended', entry), ...forms, ...refusals(...CHANGING, 'FST_IMPERSONATE_LOG_NOT_FOUND') }
    }),
    sessionsEnd: described('End all live impersonations of one person, of one user, or all', {
      body: {
        ...object({ impersonator: id, impersonating: id, all: { enum: [true, 'true'], description: 'true' } }),
        minProperties: 1,
        maxProperties: 1,
        description: 'one of impersonator, impersonating, all'
      },
      response: {
        200: json('How many this call ended', { type: 'object', properties: { ended: { type: 'integer' } } }), ...forms, ...refusals(...CHANGING)
      }
    }),
    hidden: { hide: true, response: {} }
  }
}

export type Schemas = ReturnType<typeof createSchemas>
