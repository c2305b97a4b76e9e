import type { Settings } from '../settings.js'
import type { UserSource } from '../types/index.js'
import { isPrismaModel } from '../users/prisma/model.js'
import { prismaUsers } from '../users/prisma/source.js'
import * as is from './checks.js'
import type { ImpersonateOptions } from './table.js'

const DEFAULT_FIELDS = ['username', 'firstName', 'lastName', 'email']

/** Where users come from, and whether it has what the options need of a user. */
export function readUserSource (
  { users, prisma, searchFields, isSuperuser }: ImpersonateOptions
): Pick<Settings, 'users' | 'searchFields'> {
  const source = users ?? defaultUsers(prisma)
  if (isSuperuser === undefined) checkSuperuserFlag(source)
  return { users: source, searchFields: readSearchFields(searchFields, source) }
}

function defaultUsers (prisma: ImpersonateOptions['prisma']): UserSource {
  if (isPrismaModel(prisma?.user)) return prismaUsers(prisma.user)
  return is.conflict('The option "users" is missing: give it prismaUsers(prisma.user), memoryUsers([…]) or your own ' +
    'source of users')
}

/** Where the flag is nowhere, every user would be refused as a target. */
function checkSuperuserFlag ({ booleanFields }: UserSource): void {
  if (booleanFields === undefined || booleanFields.includes('isSuperuser')) return
  is.conflict('The option "isSuperuser" is missing: the user model has no boolean field of that name (but ' +
    `${booleanFields.join(', ') || 'none'}). Give it a function such as user => user.role === 'admin', or () => ` +
    'false where nobody is one')
}

function readSearchFields (asked: readonly string[] | undefined, source: UserSource): readonly string[] {
  if (source.textFields === undefined) return asked ?? DEFAULT_FIELDS
  const there = [...source.textFields, ...source.numberFields ?? []]
  const missing = asked?.find(name => !there.includes(name))
  if (missing !== undefined) is.refuse('searchFields', `text and number fields of the user model (${there.join(', ')})`, missing)
  const fields = asked ?? DEFAULT_FIELDS.filter(name => there.includes(name))
  if (fields.length > 0) return fields
  return is.conflict(`The option "searchFields" is missing: the user model has none of ${DEFAULT_FIELDS.join(', ')}, ` +
    `but ${there.join(', ')}`)
}
