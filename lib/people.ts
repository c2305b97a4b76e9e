import { FST_IMPERSONATE_UNAVAILABLE } from './errors.js'
import type { ImpersonateOptions, Person, User } from './types.js'

/** What the plugin has to know about a user, by the options or the fields of the usual names. */
export interface People {
  idOf (user: User): string
  nameOf (user: User): string
  personOf (user: User): Person
  isActive (user: User): boolean
  isStaff (user: User): boolean
  isSuperuser (user: User): boolean
  /** Whether `isSuperuser` gives a clear answer; a user of whom it cannot be told is never a target. */
  isSuperuserKnown (user: User): boolean
}

export function createPeople ({
  userId = user => id(field(user, 'id')),
  displayName = user => fullName(user) || text(user, 'username') || text(user, 'email') || id(userId(user)),
  isActive = user => field(user, 'isActive') !== false,
  isStaff = user => field(user, 'isStaff') === true,
  isSuperuser
}: Pick<ImpersonateOptions, 'userId' | 'displayName' | 'isActive' | 'isStaff' | 'isSuperuser'>): People {
  const read = {
    id: guarded('userId', (user: User) => id(userId(user))),
    name: guarded('displayName', (user: User) => String(displayName(user))),
    active: guarded('isActive', isActive),
    staff: guarded('isStaff', isStaff),
    superuser: guarded('isSuperuser', (user: User): unknown => isSuperuser === undefined ? field(user, 'isSuperuser') : isSuperuser(user))
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
      throw cause instanceof FST_IMPERSONATE_UNAVAILABLE ? cause : new FST_IMPERSONATE_UNAVAILABLE(`"${option}" failed`, { cause })
    }
  }
}

/** A field of a user whose type is the application's. */
export function field (user: User, name: string): unknown {
  return Reflect.get(user, name)
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
  throw new FST_IMPERSONATE_UNAVAILABLE('a user has no id, see the option "userId"')
}
