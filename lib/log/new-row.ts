import { v7 as uuid } from 'uuid'
import type { Person } from '../types/index.js'
import { cut, LENGTHS } from './columns.js'
import type { LogRow } from './store.js'

/** What a row is made of; where a browser did not start it, nothing is known of one. */
export interface Beginning {
  sessionKey: string
  openKey: string | null
  impersonator: Person
  impersonating: Person
  startedAt: Date
  expiresAt?: Date | null
  reason: string | null
  readOnly?: boolean
  /** On a Unix socket there is none, whatever Fastify's type says. */
  ipAddress?: string | undefined
  userAgent?: string | undefined
  /** A part of an address is another address, so one that is too long is none. */
  returnTo?: string | null
}

/** The only place that makes a row. It is open. */
export function newRow (
  { impersonator, impersonating, startedAt, ipAddress, userAgent, returnTo = null, ...given }: Beginning
): LogRow {
  return {
    id: uuid({ msecs: startedAt.getTime() }),
    sessionKey: given.sessionKey,
    openKey: given.openKey,
    impersonatorId: impersonator.id,
    impersonatorName: cut(impersonator.name, 'impersonatorName'),
    impersonatingId: impersonating.id,
    impersonatingName: cut(impersonating.name, 'impersonatingName'),
    reason: given.reason,
    readOnly: given.readOnly ?? false,
    ipAddress: ipAddress === undefined ? null : cut(ipAddress, 'ipAddress'),
    userAgent: userAgent === undefined ? null : cut(userAgent, 'userAgent'),
    returnTo: returnTo === null || returnTo.length > LENGTHS.returnTo ? null : returnTo,
    sessionStartedAt: startedAt,
    expiresAt: given.expiresAt ?? null,
    lastSeenAt: startedAt,
    sessionEndedAt: null,
    endReason: null,
    endedById: null,
    endedByName: null,
    reportedAt: null
  }
}
