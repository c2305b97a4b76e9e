/** Why an impersonation ended. */
export type EndReason =
  | 'stopped' | 'replaced' | 'expired' | 'idle' | 'revoked' | 'logout'
  | 'impersonator_denied' | 'impersonator_inactive' | 'impersonator_deleted'
  | 'target_denied' | 'target_inactive' | 'target_deleted'
  | 'aborted' | 'abandoned' | 'target_signed_in' | 'added'

/** A row of the log, without the two keys that only the plugin needs. Ids and names are copies made at the start. */
export interface ImpersonationLog {
  id: string
  impersonatorId: string
  impersonatorName: string
  impersonatingId: string
  impersonatingName: string
  reason: string | null
  readOnly: boolean
  ipAddress: string | null
  userAgent: string | null
  returnTo: string | null
  sessionStartedAt: Date
  expiresAt: Date | null
  lastSeenAt: Date
  sessionEndedAt: Date | null
  endReason: EndReason | null
  endedById: string | null
  endedByName: string | null
  /** When the end hooks had run; null until then. */
  reportedAt: Date | null
}

/** A PrismaClient that has the bundled `ImpersonationLog` model. */
export interface PrismaWithLog {
  readonly impersonationLog: object
  readonly user?: object
}
