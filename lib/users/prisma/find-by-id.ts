import { batched } from '../../batch.js'
import { parseId, type IdType } from '../ids.js'
import type { Table } from './table.js'

/** Those who are looked up at once are one query, where there is no scope. */
export function createIdFinder<Row> (table: Table<Row>, idField: string, idType: IdType) {
  const findOne = async (id: unknown, scope?: unknown) => await table.first({ scope, conditions: [{ [idField]: id }] })
  const findTogether = batched<unknown, Row>({ one: findOne, many: table.byIds })

  return async function findById (id: string, scope?: unknown): Promise<Row | null> {
    const parsed = parseId(id, idType)
    if (parsed === null) return null
    const row = scope === undefined ? await findTogether(parsed) : await findOne(parsed, scope)
    // MySQL takes `A` and `a ` for `a`.
    return row !== null && (idType !== 'string' || table.idOf(row) === id) ? row : null
  }
}
