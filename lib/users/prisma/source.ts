import { batched } from '../../batch.js'
import { FST_IMPERSONATE_INVALID_OPTION } from '../../errors.js'
import type { DefaultUser, UserQuery, UserSource } from '../../types/index.js'
import { escapedFilter, exactFilter, isToldBySqlite, narrowingFilter } from '../filters.js'
import { parseId, type IdType } from '../ids.js'
import { foldAscii, foldUnicode, matcher } from '../match.js'
import { hasNul } from '../memory.js'
import { idTypeOf, isPrismaModel, providerOf } from './model.js'
import { sqlSearch } from './search-sql.js'

/** The rows of a Prisma model such as `prisma.user`. */
export type UserOf<Model> = Model extends { [kind: symbol]: { types: { payload: { scalars: infer Row } } } }
  ? Row extends object ? Row : DefaultUser
  : DefaultUser

/** The `where` of a Prisma model: the scope of {@link prismaUsers}. */
export type WhereOf<Model> = Model extends { [kind: symbol]: { types: { operations: { findFirst: { args: infer Args } } } } }
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
   * The table's name in the database, such as `User` or `app.users`: for large tables on PostgreSQL. Which people a search finds,
   * and how many, is then asked in SQL that Prisma cannot write, and their rows by Prisma. Without effect on other databases, and
   * where `customUserQueryset` narrows the users. What an extension of the client adds to queries does not reach the count.
   */
  table?: string
  /** With `table`: the columns whose names are not their fields'. @default {} */
  columns?: Record<string, string>
}

/** How many rows at a time are read where SQLite cannot tell exactly. */
const BATCH = 500
const MAX_OFFSET = 2 ** 31 - 1

/**
 * Users from a Prisma model.
 *
 * PostgreSQL decides every look-up itself. SQLite's LIKE knows no escapes and ignores the case of ASCII letters alone, so
 * there the database narrows, and what it cannot tell is matched in process, in batches. MySQL and MariaDB compare as the
 * column's collation does, mostly without regard to case and accents: there it narrows as well, and case is told in process.
 *
 * @example
 * await app.register(impersonate, { prisma, users: prismaUsers(prisma.user) })
 * @throws FST_IMPERSONATE_INVALID_OPTION where it is given no model or a wrong field
 */
export function prismaUsers<Model extends object> (
  model: Model, { idField = 'id', ...options }: PrismaUsersOptions = {}
): UserSource<UserOf<Model>, WhereOf<Model>> {
  if (!isPrismaModel(model)) throw new FST_IMPERSONATE_INVALID_OPTION('prismaUsers takes a model of a PrismaClient, such as prisma.user')
  const delegate = model
  const idType = options.idType ?? idTypeOf(delegate, idField)
  const provider = options.provider ?? providerOf(delegate)
  const isExact = provider === 'postgresql'
  const askSql = isExact && options.table !== undefined ? sqlSearch(Reflect.get(model, '$parent'), options.table, idField, options.columns ?? {}) : null
  const isMysql = provider === 'mysql'
  const fieldsOf = (type: string) => Object.keys(delegate.fields)
    .filter(name => delegate.fields[name]?.typeName === type && delegate.fields[name].isList !== true)

  function where ({ terms, fields, lookup, scope }: UserQuery): object[] {
    const filter = isExact ? exactFilter : isMysql ? escapedFilter : narrowingFilter
    const words = terms.map(term => ({ OR: fields.map(name => ({ [name]: filter(term, lookup) })) }))
    return scope === undefined ? words : [...words, Object(scope)]
  }

  /** The rows in the order of their ids, found by the database alone. */
  async function findRows (conditions: object[], take: number, skip = 0, order = 'asc'): Promise<Array<UserOf<Model>>> {
    const rows = await delegate.findMany({ where: { AND: conditions }, orderBy: { [idField]: order }, take, skip })
    return rows.filter(row => isRow<UserOf<Model>>(row))
  }

  const byDatabase: Finder<UserOf<Model>> = {
    find: async (query, conditions, take, skip, order) => findRows(conditions, take, skip, order),
    count: async (query, conditions, most) => delegate.count({ where: { AND: conditions }, take: most })
  }

  /** What the database narrowed down, matched exactly here, until there is enough. */
  async function matching (query: UserQuery, conditions: object[], enough: number, order = 'asc'): Promise<Array<UserOf<Model>>> {
    const matches = matcher(query.terms, query.fields, query.lookup, isMysql ? foldUnicode : foldAscii)
    const found: Array<UserOf<Model>> = []
    let bounds: object[] = []
    for (;;) {
      const rows = await findRows([...conditions, ...bounds], BATCH, 0, order)
      found.push(...rows.filter(matches))
      const last = rows.at(-1)
      if (last === undefined || rows.length < BATCH || found.length >= enough) return found.slice(0, enough)
      bounds = [{ [idField]: { [order === 'asc' ? 'gt' : 'lt']: Reflect.get(last, idField) } }]
    }
  }

  const byMatching: Finder<UserOf<Model>> = {
    find: async (query, conditions, take, skip, order) => (await matching(query, conditions, skip + take, order)).slice(skip),
    count: async (query, conditions, most) => (await matching(query, conditions, most)).length
  }

  async function findOne (id: unknown, ...scope: unknown[]): Promise<UserOf<Model> | null> {
    const row = await delegate.findFirst({ where: { AND: [{ [idField]: id }, ...scope] } })
    return isRow<UserOf<Model>>(row) ? row : null
  }

  const findTogether = batched<unknown, UserOf<Model>>({
    one: async id => await findOne(id),
    async many (ids) {
      const rows = await delegate.findMany({ where: { [idField]: { in: ids } } })
      return new Map(rows.filter(row => isRow<UserOf<Model>>(row)).map(row => [Reflect.get(Object(row), idField), row]))
    }
  })

  return {
    textFields: fieldsOf('String'),
    booleanFields: fieldsOf('Boolean'),

    async findById (id, scope) {
      const parsed = parseId(id, idType)
      if (parsed === null) return null
      const row = scope === undefined ? await findTogether(parsed) : await findOne(parsed, scope)
      // MySQL takes `A` and `a ` for `a`.
      return row !== null && (idType !== 'string' || Reflect.get(row, idField) === id) ? row : null
    },

    async findPage (query) {
      const { terms, lookup, page = 1, after, before, pageSize, countLimit } = query
      const cursor = after ?? before
      const cursorId = cursor === undefined ? undefined : parseId(cursor, idType)
      const skip = cursor === undefined ? (page - 1) * pageSize : 0
      const backwards = after === undefined && before !== undefined
      const conditions = where(query)
      const bounds = cursorId === undefined ? [] : [{ [idField]: { [backwards ? 'lt' : 'gt']: cursorId } }]
      const { find, count } = isExact || terms.every(term => !isMysql && isToldBySqlite(term, lookup)) ? byDatabase : byMatching

      const nobody = terms.some(hasNul)
      const nowhere = nobody || cursorId === null || skip > MAX_OFFSET
      const [take, order] = [pageSize + 1, backwards ? 'desc' : 'asc'] as const
      const findThem = async () => nowhere ? [] : await find(query, [...conditions, ...bounds], take, skip, order)
      const [rows, countedBeside] = nobody ? [[], 0] : await findInTable() ?? await Promise.all([findThem(), isExact ? countByIndex() : undefined])
      const isMore = rows.length > pageSize
      const counted = countedBeside ?? await countTheRest()
      const users = rows.slice(0, pageSize)
      return {
        users: backwards ? users.reverse() : users,
        hasNext: backwards ? counted > 0 : isMore,
        hasPrevious: backwards ? isMore : counted > 0 && (after !== undefined || page > 1),
        count: Math.min(counted, countLimit),
        countIsExact: counted <= countLimit
      }

      /** Null where this is Prisma's: for a scope, or where an extension of the client hides what is in the table. */
      async function findInTable (): Promise<[Array<UserOf<Model>>, number] | null> {
        if (askSql === null || terms.length === 0 || query.scope !== undefined) return null
        const { count, ids } = await askSql(query, { beyond: cursorId ?? undefined, skip: nowhere ? 0 : skip, take, order }, countLimit + 1)
        if (nowhere || ids === null) return [await findThem(), count]
        const found = await findRows([{ [idField]: { in: ids.map(id => parseId(id, idType)) } }], take, 0, order)
        return found.length < ids.length ? null : [found, count]
      }

      /**
       * All at once, beside the page: with an index each look-up is quick. Prisma orders what it counts up to a limit, and
       * PostgreSQL hopes to meet enough along the primary key; each condition twice makes it expect few, and take the index.
       */
      async function countByIndex (): Promise<number> {
        return await count(query, [...conditions, ...conditions], countLimit + 1)
      }

      /** Without one a look-up may be a scan: those on the page are not looked for again, nor where it tells that there are no others. */
      async function countTheRest (): Promise<number> {
        const [first, last] = backwards ? [rows.at(-1), rows.at(0)] : [rows.at(0), rows.at(-1)]
        if (first === undefined || last === undefined) return skip === 0 && cursor === undefined ? 0 : await count(query, conditions, countLimit + 1)
        const isBeforeKnown = cursor === undefined || (backwards && !isMore)
        const isAfterKnown = !backwards && !isMore
        const others = [
          ...isBeforeKnown ? [] : [{ [idField]: { lt: Reflect.get(first, idField) } }],
          ...isAfterKnown ? [] : [{ [idField]: { gt: Reflect.get(last, idField) } }]
        ]
        const known = skip + rows.length
        const most = countLimit + 1 - known
        return others.length === 0 || most <= 0 ? known : known + await count(query, [...conditions, { OR: others }], most)
      }
    }
  }
}

/** How a page and its count are found. */
interface Finder<Row> {
  find (query: UserQuery, conditions: object[], take: number, skip: number, order: 'asc' | 'desc'): Promise<Row[]>
  count (query: UserQuery, conditions: object[], most: number): Promise<number>
}

function isRow<Row> (value: unknown): value is Row {
  return typeof value === 'object' && value !== null
}
