import type { ImpersonationLog } from '../types/index.js'

/** A log row as answers show it. */
export function entryOf (row: ImpersonationLog) {
  const { sessionStartedAt, sessionEndedAt, endedById, endedByName } = row
  const lasted = (sessionEndedAt?.getTime() ?? NaN) - sessionStartedAt.getTime()
  return {
    id: row.id,
    impersonator: { id: row.impersonatorId, name: row.impersonatorName },
    impersonating: { id: row.impersonatingId, name: row.impersonatingName },
    reason: row.reason,
    readOnly: row.readOnly,
    sessionStartedAt: sessionStartedAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastSeenAt: row.lastSeenAt.toISOString(),
    sessionEndedAt: sessionEndedAt?.toISOString() ?? null,
    duration: sessionEndedAt === null ? null : Math.floor(lasted / 1000),
    endReason: row.endReason,
    endedBy: endedById === null ? null : { id: endedById, name: endedByName ?? endedById }
  }
}
