import type { ImpersonationLog } from './log.js'
import type { User } from './user.js'

/** Which running impersonations are meant; without a field, all. */
export interface LiveFilter {
  /** The id of the person who impersonates. */
  impersonator?: string
  /** The id of the user who is impersonated. */
  impersonating?: string
}

/** `fastify.impersonate.sessions`: empty with `disableLogging`. */
export interface LiveSessions {
  /**
   * Newest first.
   *
   * @throws FST_IMPERSONATE_UNAVAILABLE
   */
  list (filter?: LiveFilter): Promise<ImpersonationLog[]>
  /**
   * Ends one as `revoked`: it is over on its next request, in every process. Resolves to the log entry as it is then,
   * also where it had ended before; null where there is none of this id.
   *
   * @throws FST_IMPERSONATE_UNAVAILABLE
   */
  end (id: string, details?: { by?: User | null }): Promise<ImpersonationLog | null>
}
