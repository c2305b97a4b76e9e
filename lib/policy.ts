import type { FastifyRequest } from 'fastify'
import type { Ending, LogRow } from './log/store.js'
import type { Settings } from './options.js'
import type { User } from './types.js'

/** Why a user is no target; only the server's log ever says it. */
export type Refusal = 'unknown' | 'out of scope' | 'oneself' | 'inactive' | 'a superuser' | 'of an unclear "isSuperuser"'

/** Whether this person may impersonate at all: django-impersonate's `check_allow_impersonate`. */
export async function mayImpersonate (
  { isActive, isSuperuser, isStaff, requireSuperuser, customAllow }: Settings, real: User, requestAsReal: FastifyRequest
): Promise<boolean> {
  if (!isActive(real)) return false
  if (customAllow !== undefined) return await customAllow(requestAsReal) === true
  return isSuperuser(real) || (!requireSuperuser && isStaff(real))
}

/** Whether this person may see the log: superusers, or who `adminAllow` says. */
export async function mayAdminister ({ isActive, isSuperuser, adminAllow }: Settings, real: User, requestAsReal: FastifyRequest): Promise<boolean> {
  if (!isActive(real)) return false
  return adminAllow === undefined ? isSuperuser(real) : await adminAllow(requestAsReal) === true
}

/**
 * Why a person who may impersonate may not impersonate this user, who is in scope; null where nothing speaks against it.
 * Whether a user is a superuser has to be clear: a model without the field would make every superuser a target.
 */
export function refusalOf (
  { idOf, isActive, isSuperuser, isSuperuserKnown, allowSuperuser }: Settings, real: User, target: User
): Refusal | null {
  if (idOf(target) === idOf(real)) return 'oneself'
  if (!isActive(target)) return 'inactive'
  if (!isSuperuserKnown(target)) return 'of an unclear "isSuperuser"'
  if (isSuperuser(target) && !(allowSuperuser && isSuperuser(real))) return 'a superuser'
  return null
}

type Limits = Pick<Settings, 'idleTimeout' | 'abandonedAfter'>

/** How an open row ends whose deadline has passed, at the first of its deadlines; null where none has. */
export function overdue (limits: Limits, row: LogRow, now: number): Ending | null {
  const first = deadlineOf(limits, row)
  return first.at.getTime() <= now ? first : null
}

/** When and how a row ends if nothing happens any more: the first of its deadlines. */
export function deadlineOf ({ idleTimeout, abandonedAfter }: Limits, row: LogRow): Ending {
  const unseen = (seconds: number) => new Date(row.lastSeenAt.getTime() + seconds * 1000)
  let first: Ending = { reason: 'abandoned', at: unseen(abandonedAfter) }
  if (idleTimeout !== null && unseen(idleTimeout) <= first.at) first = { reason: 'idle', at: unseen(idleTimeout) }
  if (row.expiresAt !== null && row.expiresAt <= first.at) first = { reason: 'expired', at: row.expiresAt }
  return first
}
