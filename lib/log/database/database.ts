import type { SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { Provider } from './bundled.js'

/** A database of the plugin's own. */
export interface Database {
  provider: Provider
  /** The schema of PostgreSQL that the address names. */
  schema?: string | undefined
  /** The same for the same database. */
  key: string
  /** What to call it in messages: no password. */
  shownAs: string
  adapter: SqlMigrationAwareDriverAdapterFactory
  client: Queries & {
    $disconnect (): PromiseLike<void>
    $transaction (work: (tx: Queries) => Promise<void>, options: { timeout: number, maxWait: number }): Promise<void>
  }
}

export interface Queries {
  $queryRawUnsafe (sql: string): PromiseLike<Array<Record<string, unknown>>>
}
