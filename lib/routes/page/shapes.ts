/** JSON schemas of what several routes answer. */
export const nullable = (type: string) => ({ type: [type, 'null'] })

export const person = { type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } } }
export const maybePerson = { ...person, type: ['object', 'null'] }

export const impersonation = {
  type: ['object', 'null'],
  properties: {
    id: { type: 'string' },
    startedAt: { type: 'string' },
    expiresAt: nullable('string'),
    readOnly: { type: 'boolean' },
    reason: nullable('string')
  }
}

export const pageLinks = {
  type: 'object',
  properties: {
    number: nullable('integer'),
    hasNext: { type: 'boolean' },
    hasPrevious: { type: 'boolean' },
    next: nullable('string'),
    previous: nullable('string')
  }
}

export const paginator = {
  type: 'object',
  properties: {
    count: { type: 'integer' },
    countIsExact: { type: 'boolean' },
    numPages: { type: 'integer' },
    perPage: { type: 'integer' }
  }
}

/** An entry of the log. */
export const entry = {
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
