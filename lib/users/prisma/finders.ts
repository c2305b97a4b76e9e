import type { UserQuery } from '../../types/index.js'
import { isToldBySqlite } from '../filters.js'
import { foldAscii, foldUnicode, matcher } from '../match.js'
import type { Order, Table, Wanted } from './table.js'

/** How the rows of a page are found, and how many there are. */
export interface Finder<Row> {
  find (query: UserQuery, wanted: Wanted, take: number, skip: number, order: Order): Promise<Row[]>
  count (query: UserQuery, wanted: Wanted, most: number): Promise<number>
}

/** How many rows at a time are read where the database cannot tell exactly. */
const BATCH = 500

/** Who tells whether a row matches: the database where it can, else this process. */
export function createFinders<Row> (
  table: Table<Row>, idField: string, provider: unknown
): (query: UserQuery) => Finder<Row> {
  const byDatabase: Finder<Row> = {
    find: (query, wanted, take, skip, order) => table.find(wanted, take, skip, order),
    count: (query, wanted, most) => table.count(wanted, most)
  }

  /** What the database narrowed down, matched exactly here, until there is enough. */
  async function matching (
    query: UserQuery, { scope, conditions }: Wanted, enough: number, order: Order
  ): Promise<Row[]> {
    const matches = matcher(query.terms, query.fields, query.lookup, provider === 'mysql' ? foldUnicode : foldAscii)
    const found: Row[] = []
    let bounds: object[] = []
    for (;;) {
      const rows = await table.find({ scope, conditions: [...conditions, ...bounds] }, BATCH, 0, order)
      found.push(...rows.filter(row => matches(Object(row))))
      const last = rows.at(-1)
      if (last === undefined || rows.length < BATCH || found.length >= enough) return found.slice(0, enough)
      bounds = [{ [idField]: { [order === 'asc' ? 'gt' : 'lt']: table.idOf(last) } }]
    }
  }

  const byMatching: Finder<Row> = {
    find: async (query, wanted, take, skip, order) => (await matching(query, wanted, skip + take, order)).slice(skip),
    count: async (query, wanted, most) => (await matching(query, wanted, most, 'asc')).length
  }

  return ({ terms, lookup }) => {
    if (provider === 'postgresql') return byDatabase
    return terms.every(term => provider !== 'mysql' && isToldBySqlite(term, lookup)) ? byDatabase : byMatching
  }
}
