import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Provider = 'sqlite' | 'postgresql'

const folder = (provider: Provider) => join(import.meta.dirname, '../../prisma', provider, 'migrations')

/** The names of the bundled migrations, in their order. */
export const migrations = readdirSync(folder('sqlite'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name).sort()

/** Rows of _prisma_migrations, as far as all of them have been applied. */
export const applied = migrations.map(name => ({ migration_name: name }))

/** The migrations of version 0.1.0. */
export const older = ['20261123000000_init', '20261124000000_log_indexes']

export function sqlOf (provider: Provider, name: string): string {
  return readFileSync(join(folder(provider), name, 'migration.sql'), 'utf8')
}

/** The statements of these migrations, one by one. */
export function statementsOf (provider: Provider, names = migrations): string[] {
  return names.flatMap(name => sqlOf(provider, name).split(/;\s*\n/).filter(statement => /^[^-\s]/m.test(statement)))
}

const TIME = { sqlite: 'DATETIME', postgresql: 'TIMESTAMPTZ' }

/** What `prisma migrate` of any version has made of a database that has these migrations. */
export function historyOf (provider: Provider, names: string[]): string[] {
  const time = TIME[provider]
  return [
    `CREATE TABLE "_prisma_migrations" ("id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" ${time}, "migration_name" TEXT NOT NULL,
      "logs" TEXT, "rolled_back_at" ${time}, "started_at" ${time} NOT NULL DEFAULT CURRENT_TIMESTAMP, "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`,
    ...names.map(name => `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
      VALUES ('${name}', '${createHash('sha256').update(sqlOf(provider, name)).digest('hex')}', '${name}', CURRENT_TIMESTAMP, 1)`)
  ]
}
