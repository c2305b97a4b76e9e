import type { Settings } from '../settings.js'
import type { User } from '../types/index.js'

/** Why a user is no target; only the server's log ever says it. */
export type Refusal = 'unknown' | 'out of scope' | 'oneself' | 'inactive' | 'a superuser' | 'of an unclear "isSuperuser"'

/**
 * Why a person who may impersonate may not impersonate this user, who is in scope; null where nothing speaks against
 * it. Whether a user is a superuser has to be clear: a model without the field would make every superuser a target.
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
