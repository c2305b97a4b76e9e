import type { User } from './user.js'

/** How a search word is held against a field: Django's field look-ups of the same names. `i…` ignores case. */
export type LookupType =
  | 'exact' | 'iexact' | 'contains' | 'icontains' | 'startswith' | 'istartswith' | 'endswith' | 'iendswith'

/** A page of users asked of a {@link UserSource}. With neither `page`, `after` nor `before`: the first. */
export interface UserQuery<Scope = unknown> {
  /** Every term must be found in at least one of the fields. None: everyone. */
  terms: readonly string[]
  fields: readonly string[]
  lookup: LookupType
  /** Who may be seen at all; undefined is everyone. */
  scope?: Scope | undefined
  /** From 1. */
  page?: number | undefined
  /** Those behind the user of this id. */
  after?: string | undefined
  /** Those before the user of this id. */
  before?: string | undefined
  pageSize: number
  /** Where counting may stop. */
  countLimit: number
}

/** The answer to a {@link UserQuery}: users by id, ascending. */
export interface UserPage<SourceUser> {
  users: SourceUser[]
  hasNext: boolean
  hasPrevious: boolean
  /** How many match; at most `countLimit`. */
  count: number
  /** False where counting stopped at `countLimit`. */
  countIsExact: boolean
}

/** Where users come from: `prismaUsers`, `memoryUsers`, or your own. */
export interface UserSource<SourceUser = User, Scope = unknown> {
  /** The user of this id; null where it is unknown, unparsable, or outside the scope. */
  findById (id: string, scope?: Scope): Promise<SourceUser | null>
  findPage (query: UserQuery<Scope>): Promise<UserPage<SourceUser>>
  /** The text fields that can be searched, where the source knows them; `searchFields` is checked against it. */
  readonly textFields?: readonly string[] | undefined
  /** The number fields that can be searched as well, by equality. */
  readonly numberFields?: readonly string[] | undefined
  /**
   * Its boolean fields, where the source knows them: without `isSuperuser` among them the option of that name is
   * needed.
   */
  readonly booleanFields?: readonly string[]
  /**
   * What a scope is here, where the source takes a Prisma `where` or a function of a user: `customUserQueryset` is
   * checked for it. Without it a scope may be anything but nothing (undefined, null, false, 0, NaN, an empty text).
   */
  readonly scopeType?: 'where' | 'predicate'
}
