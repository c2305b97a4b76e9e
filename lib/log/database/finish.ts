import type { Migration, Provider } from './bundled.js'
import type { Queries } from './database.js'
import type { History } from './history.js'

/**
 * Finishes migrations whose process died while it was at them: does what of each is not done yet, and marks it as
 * applied. All of it has to be in one transaction, and nobody else at it.
 */
export async function finish (queries: Queries, provider: Provider, bundled: Migration[], unfinished: History['unfinished']): Promise<void> {
  for (const { name, sql } of bundled) {
    const row = unfinished.find(row => row.name === name)
    if (row === undefined) continue
    const statements = statementsOf(sql)
    for (const [index, statement] of statements.entries()) {
      if (!await isDone(queries, provider, statements, index)) await queries.$queryRawUnsafe(statement)
    }
    const now = provider === 'sqlite' ? "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')" : 'now()'
    await queries.$queryRawUnsafe(`UPDATE _prisma_migrations SET finished_at = ${now}, applied_steps_count = 1, logs = NULL WHERE finished_at IS NULL AND migration_name = '${name}'`)
  }
}

/** None of ours has a semicolon in a text or a comment; Prisma's adapters count on that too. */
function statementsOf (sql: string): string[] {
  return sql.replace(/^--.*$/gm, '').split(';').map(statement => statement.trim()).filter(statement => statement !== '')
}

const MAKES = /^CREATE (?:UNIQUE )?(?:TABLE|INDEX) "(\w+)"/
const DROPS = /^DROP INDEX "(\w+)"/
const ADDS = /^ALTER TABLE "(\w+)" ADD COLUMN +"(\w+)"/

/** What changes rows leaves nothing to be seen by, and is as done as the statement after it, which there has to be. */
async function isDone (queries: Queries, provider: Provider, statements: string[], index: number): Promise<boolean> {
  const statement = String(statements[index])
  const [, made] = MAKES.exec(statement) ?? []
  if (made !== undefined) return await hasRelation(queries, provider, made)
  const [, dropped] = DROPS.exec(statement) ?? []
  if (dropped !== undefined) return !await hasRelation(queries, provider, dropped)
  const [, table = '', column] = ADDS.exec(statement) ?? []
  if (column !== undefined) return await hasColumn(queries, provider, table, column)
  return await isDone(queries, provider, statements, index + 1)
}

async function hasRelation (queries: Queries, provider: Provider, name: string): Promise<boolean> {
  const rows = await queries.$queryRawUnsafe(provider === 'sqlite'
    ? `SELECT 1 AS found FROM sqlite_master WHERE name = '${name}'`
    : `SELECT 1 AS found WHERE to_regclass('"${name}"') IS NOT NULL`)
  return rows.length > 0
}

async function hasColumn (queries: Queries, provider: Provider, table: string, column: string): Promise<boolean> {
  const rows = await queries.$queryRawUnsafe(provider === 'sqlite'
    ? `SELECT 1 AS found FROM pragma_table_info('${table}') WHERE name = '${column}'`
    : `SELECT 1 AS found FROM pg_attribute WHERE attrelid = to_regclass('"${table}"') AND attname = '${column}' AND NOT attisdropped`)
  return rows.length > 0
}
