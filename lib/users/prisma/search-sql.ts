import { FST_IMPERSONATE_INVALID_OPTION } from '../../errors.js'
import { hasMethods } from '../../is.js'
import type { UserQuery } from '../../types/index.js'
import { likeOf } from '../filters.js'
import { parseNumber } from '../numbers.js'
import type { NumberFields } from './words.js'

/** What it uses of a PrismaClient. */
interface SqlClient {
  $queryRawUnsafe (sql: string, ...values: unknown[]): PromiseLike<unknown>
}

/** Which part of what is found: beyond an id, or after so many. */
interface Part {
  beyond: unknown
  skip: number
  take: number
  order: 'asc' | 'desc'
}

interface Found {
  /** How many there are, up to the limit. */
  count: number
  /** The part's ids; null where there are more than it looked at. */
  ids: string[] | null
}

/** Which people a search finds, and how many. */
export type SqlSearch = (
  query: Pick<UserQuery, 'terms' | 'fields' | 'lookup'>, part: Part, limit: number
) => Promise<Found>

/** Up to so many are looked at for a page's ids. Of more than these, a page is near along the primary key. */
const MOST = 3000

/**
 * Finds on PostgreSQL what Prisma cannot ask for: some rows in whatever order they are met. Prisma orders by id all
 * that has a limit (prisma/prisma#21032). PostgreSQL then walks along the primary key, for a long time where few
 * match, or sorts all that do.
 *
 * @throws FST_IMPERSONATE_INVALID_OPTION where the table has no name, or the client cannot be asked
 */
export function sqlSearch (
  client: unknown, table: string, idField: string, columns: Record<string, string>, numbers: NumberFields = new Map()
): SqlSearch {
  if (table === '') {
    throw new FST_IMPERSONATE_INVALID_OPTION('The option "table" takes a non-empty string, but got \'\'')
  }
  if (!isSqlClient(client)) {
    throw new FST_IMPERSONATE_INVALID_OPTION(
      'prismaUsers takes a "table" only with a model of a PrismaClient, which it then asks in SQL'
    )
  }
  const from = table.split('.').map(quoted).join('.')
  const column = (field: string) => quoted(columns[field] ?? field)

  return async ({ terms, fields, lookup }, { beyond, skip, take, order }, limit) => {
    const values: unknown[] = []
    const conditions = terms.map(term => {
      const { operator, pattern } = likeOf(term, lookup)
      // PostgreSQL takes no value that stands nowhere.
      const place = fields.every(name => numbers.has(name)) ? 0 : values.push(pattern)
      return `(${fields.flatMap(name => {
        const type = numbers.get(name)
        if (type === undefined) return [`${column(name)} ${operator} $${place}`]
        const number = parseNumber(term, type)
        return number === null ? [] : [`${column(name)} = $${values.push(number)}`]
      }).join(' OR ')})`
    })
    const most = Math.max(limit, MOST)
    // Each condition twice: PostgreSQL then expects few, and takes the index rather than the table from its beginning.
    const where = [...conditions, ...conditions].join(' AND ')
    const bounds = beyond === undefined ? '' : `WHERE found.id ${order === 'asc' ? '>' : '<'} $${values.push(beyond)}`
    // By found.id: `ORDER BY id` would be by the text that is given back.
    const sql = `WITH found AS (SELECT ${column(idField)} AS id FROM ${from} WHERE ${where} LIMIT ${most + 1})
      SELECT (SELECT count(*) FROM found) AS count, ARRAY(SELECT found.id::text FROM found
      ${bounds} ORDER BY found.id ${order} LIMIT ${take} OFFSET ${skip}) AS ids`
    // Unsafe is what Prisma calls any text of SQL: names are quoted, and what people type is a parameter.
    const answer = await client.$queryRawUnsafe(sql, ...values)
    const { count, ids } = Object(Array.isArray(answer) ? answer[0] : answer)
    if (typeof count !== 'bigint' || !Array.isArray(ids)) {
      throw new TypeError('the database was asked for a count and ids and returned something else')
    }
    return { count: Math.min(Number(count), limit), ids: count > most ? null : ids.map(String) }
  }
}

function isSqlClient (value: unknown): value is SqlClient {
  return hasMethods(value, ['$queryRawUnsafe'])
}

function quoted (name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
