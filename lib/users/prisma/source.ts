import { FST_IMPERSONATE_INVALID_OPTION } from '../../errors.js'
import { field } from '../../is.js'
import type { DefaultUser, UserSource } from '../../types/index.js'
import type { IdType } from '../ids.js'
import { NUMBER_TYPES } from '../numbers.js'
import { createIdFinder } from './find-by-id.js'
import { createPageFinder } from './find-page.js'
import { idTypeOf, isPrismaModel, providerOf } from './model.js'
import { sqlSearch } from './search-sql.js'
import { createTable } from './table.js'

/** What Prisma says of a model's types. */
interface Typed<Types> { [kind: symbol]: { types: Types } }

/** The rows of a Prisma model such as `prisma.user`. */
export type UserOf<Model> = Model extends Typed<{ payload: { scalars: infer Row } }>
  ? Row extends object ? Row : DefaultUser
  : DefaultUser

/** The `where` of a Prisma model: the scope of {@link prismaUsers}. */
export type WhereOf<Model> = Model extends Typed<{ operations: { findFirst: { args: infer Args } } }>
  ? Args extends { where?: infer Where } ? NonNullable<Where> : object
  : object

/** Options of {@link prismaUsers}. */
export interface PrismaUsersOptions {
  /** The id field's name. @default 'id' */
  idField?: string
  /** What kind of column it is. @default read from the model */
  idType?: IdType
  /** @default read from the client */
  provider?: 'sqlite' | 'postgresql' | 'mysql'
  /**
   * The table's name in the database, such as `User` or `app.users`: for large tables on PostgreSQL. Which people a
   * search finds, and how many, is then asked in SQL that Prisma cannot write, and their rows by Prisma. Without
   * effect on other databases, and where `customUserQueryset` narrows the users. What an extension of the client adds
   * to queries does not reach the count.
   */
  table?: string
  /** With `table`: the columns whose names are not their fields'. @default {} */
  columns?: Record<string, string>
}

/**
 * Users from a Prisma model.
 *
 * PostgreSQL decides every look-up itself. SQLite's LIKE knows no escapes and ignores the case of ASCII letters
 * alone, so there the database narrows, and what it cannot tell is matched in process, in batches. MySQL and MariaDB
 * compare as the column's collation does, mostly without regard to case and accents. There the database narrows as
 * well, and case is told in process.
 *
 * @example
 * await app.register(impersonate, { prisma, users: prismaUsers(prisma.user) })
 * @throws FST_IMPERSONATE_INVALID_OPTION where it is given no model or a wrong field
 */
export function prismaUsers<Model extends object> (
  model: Model, { idField = 'id', ...options }: PrismaUsersOptions = {}
): UserSource<UserOf<Model>, WhereOf<Model>> {
  if (!isPrismaModel(model)) {
    throw new FST_IMPERSONATE_INVALID_OPTION('prismaUsers takes a model of a PrismaClient, such as prisma.user')
  }
  const { fields } = model
  const idType = options.idType ?? idTypeOf(model, idField)
  const provider = options.provider ?? providerOf(model)
  const table = createTable<UserOf<Model>>(model, idField)
  const fieldsOf = (type: string) => Object.keys(fields)
    .filter(name => fields[name]?.typeName === type && fields[name].isList !== true)
  const numbers = new Map(NUMBER_TYPES.flatMap(type => fieldsOf(type).map(name => [name, type] as const)))
  const askSql = provider === 'postgresql' && options.table !== undefined
    ? sqlSearch(field(model, '$parent'), options.table, idField, options.columns ?? {}, numbers)
    : null

  return {
    scopeType: 'where',
    textFields: fieldsOf('String'),
    numberFields: [...numbers.keys()],
    booleanFields: fieldsOf('Boolean'),
    findById: createIdFinder(table, idField, idType),
    findPage: createPageFinder({ table, idField, idType, provider, numbers, askSql })
  }
}
