import type { UserPage, UserQuery, UserSource } from '../types/index.js'
import { compareIds, parseId } from './ids.js'
import { foldUnicode, matcher } from './match.js'
import { fieldsOf } from './memory-fields.js'
import { checkScope } from './scope.js'

/** A scope of {@link memoryUsers}: who may be seen. */
export type UserPredicate<MemoryUser> = (user: MemoryUser) => boolean

/**
 * Users from an array, read anew at each call: for tests and first steps.
 *
 * @example
 * const users = memoryUsers([{ id: 1, username: 'ada', isStaff: true, isSuperuser: false }])
 */
export function memoryUsers<MemoryUser extends { id: string | number | bigint }> (
  users: readonly MemoryUser[]
): UserSource<MemoryUser, UserPredicate<MemoryUser>> {
  return {
    scopeType: 'predicate',
    get textFields () { return fieldsOf(users)?.texts },
    get numberFields () { return fieldsOf(users)?.numbers },

    async findById (id, scope = everyone) {
      checkScope(scope, 'predicate')
      return users.find(user => String(user.id) === id && scope(user) === true) ?? null
    },

    async findPage (query) {
      const { terms, fields, lookup, scope = everyone } = query
      checkScope(scope, 'predicate')
      const matches = matcher(terms, fields, lookup, foldUnicode)
      const found = terms.some(hasNul)
        ? []
        : users.filter(user => scope(user) === true && matches(user)).sort((a, b) => compareIds(a.id, b.id))
      return cut(found, query)
    }
  }
}

/** No text column of PostgreSQL can hold it, so nobody is found by it anywhere. */
export function hasNul (term: string): boolean {
  return term.includes('\0')
}

function everyone (): boolean {
  return true
}

function cut<MemoryUser extends { id: string | number | bigint }, Scope> (
  found: MemoryUser[], { page = 1, after, before, pageSize, countLimit }: UserQuery<Scope>
): UserPage<MemoryUser> {
  let start = (page - 1) * pageSize
  if (after !== undefined) start = found.filter(user => compareTo(user.id, after) <= 0).length
  if (before !== undefined) start = found.filter(user => compareTo(user.id, before) < 0).length - pageSize
  const from = Math.max(0, start)
  const to = before === undefined ? from + pageSize : Math.max(0, start + pageSize)
  return {
    users: found.slice(from, to),
    hasNext: to < found.length,
    hasPrevious: from > 0 && found.length > 0,
    count: Math.min(found.length, countLimit),
    countIsExact: found.length <= countLimit
  }
}

function compareTo (id: string | number | bigint, cursor: string): number {
  return compareIds(id, typeof id === 'string' ? cursor : parseId(cursor, 'bigint') ?? cursor)
}
