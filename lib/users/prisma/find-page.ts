import { isUnfit } from '../../is.js'
import type { UserPage, UserQuery } from '../../types/index.js'
import { parseId, type IdType } from '../ids.js'
import { hasNul } from '../memory.js'
import { createFinders } from './finders.js'
import type { SqlSearch } from './search-sql.js'
import type { Order, Table } from './table.js'
import { wordsOf, type NumberFields } from './words.js'

/** What a page is found with. */
export interface PageParts<Row> {
  table: Table<Row>
  idField: string
  idType: IdType
  provider: unknown
  numbers: NumberFields
  /** Null where a search is Prisma's alone. */
  askSql: SqlSearch | null
}

/** Which part of what is found a query asks for. */
interface Part {
  /** Whether it starts from the first of all. */
  isFromStart: boolean
  beyond: string | number | bigint | undefined
  skip: number
  take: number
  order: Order
  /** No row can be there. */
  isNowhere: boolean
}

const MAX_OFFSET = 2 ** 31 - 1

export function createPageFinder<Row> (
  { table, idField, idType, provider, numbers, askSql }: PageParts<Row>
): (query: UserQuery) => Promise<UserPage<Row>> {
  const finderFor = createFinders(table, idField, provider)
  const hasIndex = provider === 'postgresql'

  return async query => await findFitting(query, partOf(query, idType))

  /**
   * What a column cannot hold is in none of its rows: nobody is beyond such an id, and no number field has such a word.
   */
  async function findFitting (query: UserQuery, part: Part): Promise<UserPage<Row>> {
    try {
      return await findPart(query, part)
    } catch (error) {
      if (!isUnfit(error)) throw error
      if (part.beyond !== undefined && !await table.canHold(part.beyond)) {
        return await findFitting(query, { ...part, beyond: undefined, isNowhere: true })
      }
      const fields = query.fields.filter(name => !numbers.has(name))
      if (query.terms.length === 0 || fields.length === query.fields.length) throw error
      return await findFitting({ ...query, fields }, part)
    }
  }

  async function findPart (query: UserQuery, part: Part): Promise<UserPage<Row>> {
    const { terms, scope, page = 1, after, pageSize, countLimit } = query
    const { beyond, skip, take, order, isNowhere } = part
    const backwards = order === 'desc'
    const words = wordsOf(query, provider, numbers)
    const conditions = words ?? []
    const { find, count } = finderFor(query)

    const isNobody = words === null || terms.some(hasNul)
    const [rows, countedBeside] = isNobody
      ? [[], 0]
      : await findInTable() ?? await Promise.all([findThem(), hasIndex ? countByIndex() : undefined])
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

    async function findThem (): Promise<Row[]> {
      if (isNowhere) return []
      const bounds = beyond === undefined ? [] : [{ [idField]: { [backwards ? 'lt' : 'gt']: beyond } }]
      return await find(query, { scope, conditions: [...conditions, ...bounds] }, take, skip, order)
    }

    /** Null where Prisma has to ask: there is a scope, or an extension of the client hides what is in the table. */
    async function findInTable (): Promise<[Row[], number] | null> {
      if (askSql === null || terms.length === 0 || scope !== undefined) return null
      const { count, ids } = await askSql(query, { ...part, skip: isNowhere ? 0 : skip }, countLimit + 1)
      if (isNowhere || ids === null) return [await findThem(), count]
      const wanted = { scope, conditions: [{ [idField]: { in: ids.map(id => parseId(id, idType)) } }] }
      const found = await table.find(wanted, take, 0, order)
      return found.length < ids.length ? null : [found, count]
    }

    /**
     * Counts all at once, beside the page: with an index each look-up is quick. Prisma orders what it counts up to a
     * limit, and PostgreSQL hopes to meet enough along the primary key. With each condition twice it expects few, and
     * takes the index.
     */
    async function countByIndex (): Promise<number> {
      return await count(query, { scope, conditions: [...conditions, ...conditions] }, countLimit + 1)
    }

    /** Without an index a count is a scan, so only what the page does not tell is counted. */
    async function countTheRest (): Promise<number> {
      const [first, last] = backwards ? [rows.at(-1), rows.at(0)] : [rows.at(0), rows.at(-1)]
      if (first === undefined || last === undefined) {
        return part.isFromStart ? 0 : await count(query, { scope, conditions }, countLimit + 1)
      }
      const isBeforeKnown = beyond === undefined || (backwards && !isMore)
      const isAfterKnown = !backwards && !isMore
      const others = [
        ...isBeforeKnown ? [] : [{ [idField]: { lt: table.idOf(first) } }],
        ...isAfterKnown ? [] : [{ [idField]: { gt: table.idOf(last) } }]
      ]
      const known = skip + rows.length
      const most = countLimit + 1 - known
      if (others.length === 0 || most <= 0) return known
      return known + await count(query, { scope, conditions: [...conditions, { OR: others }] }, most)
    }
  }
}

function partOf ({ page = 1, after, before, pageSize }: UserQuery, idType: IdType): Part {
  const cursor = after ?? before
  const beyond = cursor === undefined ? undefined : parseId(cursor, idType)
  const skip = cursor === undefined ? (page - 1) * pageSize : 0
  return {
    isFromStart: cursor === undefined && skip === 0,
    beyond: beyond ?? undefined,
    skip,
    take: pageSize + 1,
    order: after === undefined && before !== undefined ? 'desc' : 'asc',
    isNowhere: beyond === null || skip > MAX_OFFSET
  }
}
