import { batched } from '../../batch.js'
import { isUnfit } from '../../is.js'
import { copyOf } from '../copy.js'
import { parseId, type IdType } from '../ids.js'
import type { Table } from './table.js'

/** Those who are looked up at once are one query, where there is no scope. */
export function createIdFinder<Row> (table: Table<Row>, idField: string, idType: IdType) {
  /** An id that the column cannot hold is nobody; what fails for another reason, such as the scope, is told. */
  async function findOne (id: unknown, scope?: unknown): Promise<Row | null> {
    try {
      return await table.first({ scope, conditions: [{ [idField]: id }] })
    } catch (error) {
      if (isUnfit(error) && (scope === undefined || !await table.canHold(id))) return null
      throw error
    }
  }

  const findTogether = batched<unknown, Row>({ one: findOne, many: table.byIds, copy: copyOf })

  return async function findById (id: string, scope?: unknown): Promise<Row | null> {
    const parsed = parseId(id, idType)
    if (parsed === null) return null
    const row = scope === undefined ? await findTogether(parsed) : await findOne(parsed, scope)
    // MySQL takes `A` and `a ` for `a`.
    return row !== null && (idType !== 'string' || table.idOf(row) === id) ? row : null
  }
}
