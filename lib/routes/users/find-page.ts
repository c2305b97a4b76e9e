import { startAddress } from '../../http/urls.js'
import { field } from '../../is.js'
import { refusalOf } from '../../policy/target.js'
import type { Settings } from '../../settings.js'
import type { User } from '../../types/index.js'
import { markFound, markFoundByParts } from '../../users/mark.js'
import { isNumber } from '../../users/numbers.js'

/** A user as JSON answers show it: the search fields and nothing more of the row. */
export function jsonUser (settings: Settings, real: User, user: User) {
  const fields = settings.searchFields.map(name => [name, textOrNull(field(user, name))])
  const allowed = refusalOf(settings, real, user) === null
  return { ...Object.fromEntries(fields), ...settings.personOf(user), allowed }
}

/** What the page shows of users: what a search found marked, and no column for what every name says already. */
export function shownUsers (
  settings: Settings, real: User, found: readonly User[], terms: readonly string[], next: string | null
) {
  const { searchFields, lookupType, language } = settings
  const users = found.map(user => {
    const { name } = settings.personOf(user)
    const texts = searchFields.map(field_ => ({ field: field_, text: (textOrNull(field(user, field_)) ?? '').trim() }))
    // A number is found by all of it.
    const lookupOf = (name: string) => isNumber(field(user, name)) ? 'exact' : lookupType
    const parts = texts.filter(({ text }) => text !== '' && name.includes(text))
    return {
      ...jsonUser(settings, real, user),
      start: startAddress(settings, settings.idOf(user), next),
      roles: rolesOf(settings, real, user),
      marked: {
        ...Object.fromEntries(texts.map(({ field, text }) => [field, markFound(text, terms, lookupOf(field))])),
        name: markFoundByParts(name, parts.map(({ text }) => text), terms, lookupType)
      },
      own: texts.filter(text => text.text !== '' && !parts.includes(text)).map(({ field }) => field)
    }
  })
  const columns = searchFields
    .filter(field => field !== 'name' && users.some(({ own }) => own.includes(field)))
    .map(field => ({ field, label: language.fieldName(field) }))
  return { users: users.map(({ own, ...user }) => user), columns }
}

function rolesOf (
  { idOf, isSuperuser, isStaff, isActive }: Settings, real: User, user: User
): Array<'self' | 'superuser' | 'staff' | 'inactive'> {
  return [
    ...idOf(user) === idOf(real) ? ['self' as const] : [],
    ...isSuperuser(user) ? ['superuser' as const] : isStaff(user) ? ['staff' as const] : [],
    ...isActive(user) ? [] : ['inactive' as const]
  ]
}

function textOrNull (value: unknown): string | null {
  return typeof value === 'string' ? value : isNumber(value) ? String(value) : null
}
