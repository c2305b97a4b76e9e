import { hasMethods } from '../checks.js'
import { FST_IMPERSONATE_INVALID_OPTION } from '../errors.js'
import type { UserQuery } from '../types.js'
import { likeOf } from './filters.js'

/** What it uses of a PrismaClient. */
interface SqlClient {
  $queryRawUnsafe (sql: string, ...values: string[]): PromiseLike<unknown>
}

/**
 * Counts on PostgreSQL, up to a limit, whatever rows it meets first. Prisma orders by id what it counts up to a limit
 * (prisma/prisma#21032), for which PostgreSQL finds all that match, or walks along the primary key for a long time.
 *
 * @throws FST_IMPERSONATE_INVALID_OPTION where the client cannot be asked
 */
export function sqlCounter (client: unknown, table: string, columns: Record<string, string>) {
  if (!isSqlClient(client)) throw new FST_IMPERSONATE_INVALID_OPTION('prismaUsers takes a "table" only with a model of a PrismaClient, which it then asks in SQL')
  const from = table.split('.').map(quoted).join('.')

  return async ({ terms, fields, lookup }: Pick<UserQuery, 'terms' | 'fields' | 'lookup'>, most: number): Promise<number> => {
    const likes = terms.map(term => likeOf(term, lookup))
    const conditions = likes.map(({ operator }, n) => `(${fields.map(name => `${quoted(columns[name] ?? name)} ${operator} $${n + 1}`).join(' OR ')})`)
    // Each one twice: PostgreSQL then expects few, and takes the index rather than the table from its beginning.
    const where = [...conditions, ...conditions].join(' AND ')
    // Unsafe is what Prisma calls any text of SQL: names are quoted, and what people type is a parameter.
    const rows = await client.$queryRawUnsafe(`SELECT count(*) FROM (SELECT FROM ${from} WHERE ${where} LIMIT ${most}) AS found`, ...likes.map(({ pattern }) => pattern))
    const count: unknown = Array.isArray(rows) ? Reflect.get(Object(rows[0]), 'count') : undefined
    if (typeof count !== 'bigint') throw new TypeError('the database was asked for a count and returned something else')
    return Number(count)
  }
}

function isSqlClient (value: unknown): value is SqlClient {
  return hasMethods(value, ['$queryRawUnsafe'])
}

function quoted (name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
