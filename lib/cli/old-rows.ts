import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Provider } from './model.js'

/** The migration that made the column `reportedAt`; its one UPDATE is what rows of an older version need. */
const MIGRATION = '20261125000000_evidence'

/** What a migration of an application's own has to do with the rows that are older than the column `reportedAt`. */
export function statementForOldRows (provider: Provider): string {
  const file = `#prisma/${provider === 'sqlite' ? 'sqlite' : 'postgresql'}/migrations/${MIGRATION}/migration.sql`
  const migration = readFileSync(createRequire(import.meta.url).resolve(file), 'utf8')
  const statement = migration.slice(migration.indexOf('\nUPDATE ') + 1).replace(/;[^]*/, ';')
  return provider === 'mysql' ? statement.replaceAll('"', '`') : statement
}
