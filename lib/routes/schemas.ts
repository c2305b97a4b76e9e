import type { Settings } from '../options.js'

/** JSON schemas of the routes. A `description` says what a field takes: it is what an error tells the client. */
const NO_NUL = '^[^\\u0000]*$'

/** An empty field is none: forms without scripts send all of theirs. */
const optionalDate = {
  type: 'string', pattern: '^(\\d{4}-\\d\\d-\\d\\d(T\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)?)?)?$', description: 'a date such as 2026-01-31 or 2026-01-31T12:00:00Z'
}
const date = { ...optionalDate, minLength: 1 }
const page = { type: 'string', pattern: '^[1-9]\\d{0,8}$', description: 'a whole number from 1' }
const id = { type: 'string', minLength: 1, maxLength: 255, pattern: NO_NUL, description: 'an id' }
const optionalId = { ...id, minLength: 0 }
const reason = { type: ['string', 'null'], maxLength: 1000, pattern: NO_NUL, description: 'a text of at most 1000 characters' }
/** How long it may be is told by the start itself: 422, and the page asks again. */
const startReason = { type: ['string', 'null'], description: 'a text' }
const path = { type: 'string', maxLength: 2000, description: 'a path of this application' }

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
const session = { ...entry, properties: { ...entry.properties, endsAt: nullable('string') } }
const error = {
  type: 'object',
  properties: {
    statusCode: { type: 'integer' }, code: { type: 'string' }, error: { type: 'string' }, message: { type: 'string' }, endReason: nullable('string')
  }
}

function object (properties: object, required: string[] = []) {
  return { type: 'object', properties, required, additionalProperties: false, description: `nothing but ${Object.keys(properties).join(', ')}` }
}

/** A form without fields has no body. */
function body (properties: object) {
  return { ...object(properties), type: ['object', 'null'] }
}

const answers = (success: object) => ({ ...success, '4xx': error, '5xx': error })

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
  const started = {
    type: 'object', properties: { user: person, impersonator: person, impersonation, redirect: { type: 'string' } }
  }
  const log = {
    type: 'object',
    properties: {
      logs: { type: 'array', items: entry },
      page: pageLinks,
      paginator,
      filters: { type: 'object', properties: { impersonators: { type: 'array', items: person } } }
    }
  }
  const described = (summary: string, schema: object) => ({ tags: ['impersonate'], summary, hide: hideRoutes, ...schema })
  const idParams = object({ id }, ['id'])

  return {
    startByGet: described('Ask for, or from an own page start, an impersonation', {
      params: object({ userId: id }), querystring: object(redirect), response: answers({ 201: started })
    }),
    start: described('Start an impersonation', {
      params: object({ userId: id }), querystring: object(redirect), body: body({ reason: startReason, next: path, ...redirect }), response: answers({ 201: started })
    }),
    startById: described('Start an impersonation of a user whose id is the name of a page', {
      querystring: object(redirect), body: object({ userId: id, reason: startReason, next: path, ...redirect }, ['userId']), response: answers({ 201: started })
    }),
    stop: described('Stop the impersonation', {
      response: answers({ 200: { type: 'object', properties: { user: maybePerson, redirect: { type: 'string' } } } })
    }),
    list: described('Users in scope', { querystring: object({ ...paging, ...redirect }), response: answers({ 200: people }) }),
    search: described('Search for users in scope', {
      querystring: object({ q: { type: 'string', maxLength: 200, description: 'a text of at most 200 characters' }, ...paging, ...redirect }),
      response: answers({ 200: people })
    }),
    status: described('As whom this browser is seen', {
      querystring: object({}),
      response: answers({
        200: { type: 'object', properties: { isImpersonate: { type: 'boolean' }, user: maybePerson, impersonator: maybePerson, impersonation } }
      })
    }),
    log: described('The log, newest first', { querystring: object({ ...filters, page }), response: answers({ 200: log }) }),
    logDownload: described('The log as a file, newest first', { querystring: object(filters), response: { '4xx': error, '5xx': error } }),
    logEntry: described('One log entry', { params: idParams, querystring: object({}), response: answers({ 200: entry }) }),
    logAdd: described('Add a closed log entry by hand', {
      body: object({ impersonatorId: id, impersonatingId: id, sessionStartedAt: date, sessionEndedAt: date, reason },
        ['impersonatorId', 'impersonatingId', 'sessionStartedAt', 'sessionEndedAt']),
      response: answers({ 201: entry })
    }),
    logEdit: described('Change the reason of a closed log entry', {
      params: idParams, body: object({ reason }, ['reason']), response: answers({ 200: entry })
    }),
    logDelete: described('Delete a closed log entry', {
      params: idParams, body: body({}), response: answers({ 204: { type: 'null' } })
    }),
    sessions: described('Live impersonations, newest first', {
      querystring: object({ impersonator: optionalId, impersonating: optionalId, page }),
      response: answers({ 200: { type: 'object', properties: { sessions: { type: 'array', items: session }, page: pageLinks } } })
    }),
    sessionEnd: described('End a live impersonation', { params: idParams, body: body({}), response: answers({ 200: entry }) }),
    sessionsEnd: described('End all live impersonations of one person, of one user, or all', {
      body: {
        ...object({ impersonator: id, impersonating: id, all: { enum: [true, 'true'], description: 'true' } }),
        minProperties: 1,
        maxProperties: 1,
        description: 'one of impersonator, impersonating, all'
      },
      response: answers({ 200: { type: 'object', properties: { ended: { type: 'integer' } } } })
    }),
    hidden: { hide: true, response: {} }
  }
}

export type Schemas = ReturnType<typeof createSchemas>
