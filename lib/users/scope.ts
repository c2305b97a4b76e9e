import { FST_IMPERSONATE_UNAVAILABLE } from '../errors.js'
import { classOf, field, isPlain, kindOf } from '../is.js'

/** What a source takes as its scope: a Prisma `where`, or a function of a user. */
export type ScopeType = 'where' | 'predicate'

const TAKES = {
  where: 'the source of users takes a where, such as { teamId: 4 }; {} is everyone',
  predicate: 'the source of users takes a function, such as user => user.teamId === 4; () => true is everyone'
}

/**
 * What is wrong with a scope, without any of its values; null where it is one. A condition that is undefined, or an
 * object of a class, is one that Prisma and others leave out, and so it would let everybody through.
 */
export function wrongScope (scope: unknown, type?: ScopeType): string | null {
  if (scope === undefined || scope === null) {
    return '"customUserQueryset" returned nothing; for everyone it returns {} or () => true'
  }
  if (type !== undefined && !isOfType(scope, type)) {
    return `"customUserQueryset" returned ${kindOf(scope)}, but ${TAKES[type]}`
  }
  if (!scope) return `"customUserQueryset" returned ${kindOf(scope)}, which says nothing of who may be seen`
  const gap = type === 'predicate' ? null : findGap(scope, [], type === 'where', new Set())
  return gap === null ? null : `"customUserQueryset" returned ${kindOf(scope)} with ${gap}, which would be left out`
}

/** @throws FST_IMPERSONATE_UNAVAILABLE where it is none: what cannot be told is refused */
export function checkScope (scope: unknown, type: ScopeType): void {
  const wrong = wrongScope(scope, type)
  if (wrong !== null) throw new FST_IMPERSONATE_UNAVAILABLE(wrong)
}

function isOfType (scope: unknown, type: ScopeType): boolean {
  return type === 'predicate' ? typeof scope === 'function' : isPlain(scope)
}

/**
 * The first condition that would be left out, and where it is.
 *
 * @param isWhere what else a source of one's own may know is its own affair
 */
function findGap (value: unknown, path: string[], isWhere: boolean, seen: Set<unknown>): string | null {
  const gap = () => `${kindOf(value)} at "${path.join('.')}"`
  if (value === undefined) return gap()
  if (typeof value === 'function' || typeof value === 'symbol') return isWhere ? gap() : null
  if (typeof value !== 'object' || value === null || seen.has(value)) return null
  if (!Array.isArray(value) && !isPlain(value)) return isWhere && !isValue(value) ? gap() : null
  seen.add(value)
  // Array.from sees the holes of a list as well.
  for (const [name, part] of Array.isArray(value) ? Array.from(value).entries() : Object.entries(value)) {
    const found = findGap(part, [...path, String(name)], isWhere, seen)
    if (found !== null) return found
  }
  return null
}

/** An object that stands for one value in a `where`: a date, bytes, a Decimal, a field of the model, Prisma's nulls. */
function isValue (value: object): boolean {
  if (value instanceof Date || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return true
  if (['JsonNull', 'DbNull', 'AnyNull'].includes(classOf(value))) return true
  if (typeof field(value, 'modelName') === 'string' && typeof field(value, 'typeName') === 'string') return true
  const toJson = field(value, 'toJSON')
  return typeof toJson === 'function' && ['string', 'number'].includes(typeof toJson.call(value))
}
