import type { User } from './user.js'

/** What a request knows of the impersonation it runs under. */
export interface Impersonation {
  /** The log row's id. */
  readonly id: string
  readonly startedAt: Date
  /** When it ends by itself: `maxDuration` after the start; null is never. */
  readonly expiresAt: Date | null
  readonly readOnly: boolean
  readonly reason: string | null
}

/** What a start returns. */
export interface Started {
  user: User
  impersonator: User
  impersonation: Impersonation
}

/** What a stop returns. */
export interface Stopped {
  /** The real user; null where nobody is signed in or it cannot be told. */
  user: User | null
  /** The page that the start came from, with `useHttpReferer`. */
  returnTo: string | null
}
