import { FST_IMPERSONATE_UNAVAILABLE } from '../errors.js'
import { field, kindOf } from '../is.js'
import type { People } from '../settings.js'
import type { User } from '../types/index.js'
import type { ImpersonateOptions } from './table.js'

export function createPeople ({
  userId = user => id(field(user, 'id')),
  displayName,
  isActive = user => field(user, 'isActive') !== false,
  isStaff = user => field(user, 'isStaff') === true,
  isSuperuser
}: Pick<ImpersonateOptions, 'userId' | 'displayName' | 'isActive' | 'isStaff' | 'isSuperuser'>): People {
  const defaultName = (user: User) => {
    return fullName(user) || text(user, 'username') || text(user, 'email') || id(userId(user))
  }
  const read = {
    id: guarded('userId', (user: User) => id(userId(user))),
    name: guarded('displayName', (user: User) => {
      if (displayName === undefined) return defaultName(user)
      const given: unknown = displayName(user)
      if (typeof given === 'string' && given.trim() !== '') return given
      warnOfName(given)
      return defaultName(user)
    }),
    active: guarded('isActive', isActive),
    staff: guarded('isStaff', isStaff),
    superuser: guarded<User, unknown>('isSuperuser', isSuperuser ?? (user => field(user, 'isSuperuser')))
  }

  return {
    idOf: read.id,
    nameOf: read.name,
    personOf: user => ({ id: read.id(user), name: read.name(user) }),
    isActive: user => read.active(user) === true,
    isStaff: user => read.staff(user) === true,
    isSuperuser: user => read.superuser(user) === true,
    isSuperuserKnown: user => typeof read.superuser(user) === 'boolean'
  }
}

/**
 * A function of the application's that is called between the others.
 *
 * @throws FST_IMPERSONATE_UNAVAILABLE where it throws: what cannot be told is refused
 */
export function guarded<Given, Answer> (option: string, ask: (given: Given) => Answer): (given: Given) => Answer {
  return given => {
    try {
      return ask(given)
    } catch (cause) {
      if (cause instanceof FST_IMPERSONATE_UNAVAILABLE) throw cause
      throw new FST_IMPERSONATE_UNAVAILABLE(`"${option}" failed`, { cause })
    }
  }
}

function text (user: User, name: string): string {
  const value = field(user, name)
  return typeof value === 'string' ? value.trim() : ''
}

function fullName (user: User): string {
  return `${text(user, 'firstName')} ${text(user, 'lastName')}`.trim()
}

function id (value: unknown): string | never {
  if ((typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw new FST_IMPERSONATE_UNAVAILABLE(
    `"userId" gave ${kindOf(value)} and no text or number; set that option, such as user => String(user.id)`
  )
}

let isWarned = false

/** Once a process: it would be said for each line of a list. */
function warnOfName (given: unknown): void {
  // It is not waited for, and its failure would stop the process.
  Promise.resolve(given).catch(() => {})
  if (isWarned) return
  isWarned = true
  process.emitWarning(
    `The option "displayName" gave ${kindOf(given)}: the name is made as without that option`,
    { type: 'FastifyImpersonateWarning', code: 'FST_IMPERSONATE_DISPLAY_NAME' }
  )
}
