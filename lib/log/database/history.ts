import type { Migration } from './bundled.js'
import type { Queries } from './database.js'

/** What has become of the bundled migrations in a database. */
export interface History {
  /** Not begun. */
  missing: string[]
  /** Begun and not finished: whoever did so died, unless they are still at it. */
  unfinished: Array<{ id: string, name: string }>
}

/** @throws where the database has other migrations than these */
export async function readHistory (queries: Queries, bundled: Migration[]): Promise<History> {
  const rows = await readRows(queries)
  const known = new Set(bundled.map(({ name }) => name))
  const foreign = rows.find(({ name }) => !known.has(name))
  if (foreign !== undefined) {
    throw new Error(`it has the migration "${foreign.name}", which this version does not know. Either a newer version has been here, or it is another application's database: give that one's PrismaClient as the option "prisma"`)
  }
  const begun = new Set(rows.map(({ name }) => name))
  return { missing: [...known].filter(name => !begun.has(name)), unfinished: rows.filter(({ finished }) => !finished) }
}

async function readRows (queries: Queries): Promise<Array<{ id: string, name: string, finished: boolean }>> {
  try {
    const rows = await queries.$queryRawUnsafe(
      'SELECT id, migration_name, CASE WHEN finished_at IS NULL THEN 0 ELSE 1 END AS finished FROM _prisma_migrations WHERE rolled_back_at IS NULL')
    return rows.map(({ id, migration_name: name, finished }) => {
      return { id: String(id), name: String(name), finished: Number(finished) === 1 }
    })
  } catch (error) {
    if (/_prisma_migrations/.test(String(error)) && /no such table|does not exist/i.test(String(error))) return []
    throw error
  }
}
