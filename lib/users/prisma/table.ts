import { field, nullIfUnfit } from '../../is.js'
import { checkScope } from '../scope.js'
import type { PrismaModel } from './model.js'

export type Order = 'asc' | 'desc'

/** Which rows: those in scope that meet every condition. */
export interface Wanted {
  scope: unknown
  conditions: readonly object[]
}

/** The rows of a model, as the source asks for them. */
export interface Table<Row> {
  idOf (row: Row): unknown
  first (wanted: Wanted): Promise<Row | null>
  /** In the order of their ids. */
  find (wanted: Wanted, take: number, skip?: number, order?: Order): Promise<Row[]>
  /** The rows of these ids, by their ids. */
  byIds (ids: unknown[]): Promise<Map<unknown, Row>>
  count (wanted: Wanted, most: number): Promise<number>
  /** Whether the column of the ids can hold this: `x` is no uuid, 99999 no smallint. */
  canHold (id: unknown): Promise<boolean>
}

export function createTable<Row> (model: PrismaModel, idField: string): Table<Row> {
  const idOf = (row: unknown): unknown => field(row, idField)

  return {
    idOf,

    async first (wanted) {
      const row = await model.findFirst({ where: whereOf(wanted) })
      return isRow<Row>(row) ? row : null
    },

    async find (wanted, take, skip = 0, order = 'asc') {
      const rows = await model.findMany({ where: whereOf(wanted), orderBy: { [idField]: order }, take, skip })
      return rows.filter(row => isRow<Row>(row))
    },

    async byIds (ids) {
      const rows = await model.findMany({ where: { [idField]: { in: ids } } })
      return new Map(rows.filter(row => isRow<Row>(row)).map(row => [idOf(row), row]))
    },

    count: async (wanted, most) => await model.count({ where: whereOf(wanted), take: most }),

    canHold: async id => await nullIfUnfit(model.findMany({ where: { [idField]: id }, take: 1 })) !== null
  }
}

/** The scope stays at the top: Prisma takes `{ OR: [] }` for nobody there, and leaves it out below an `AND`. */
function whereOf ({ scope, conditions }: Wanted): object {
  if (scope === undefined) return { AND: conditions }
  checkScope(scope, 'where')
  return { ...Object(scope), AND: [field(scope, 'AND') ?? [], conditions].flat() }
}

function isRow<Row> (value: unknown): value is Row {
  return typeof value === 'object' && value !== null
}
