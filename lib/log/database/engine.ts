import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { readSchemaFile, type Migration, type Provider } from './bundled.js'
import type { Database } from './database.js'

const require = createRequire(import.meta.url)

/** Applies those of these migrations that the database lacks, by Prisma's own engine, into Prisma's own table. */
export async function apply ({ provider, adapter }: Database, bundled: Migration[]): Promise<void> {
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils')
  const SchemaEngine = await loadEngine()

  // The engine's free() leaves its connection and, on SQLite, its lock: keep hold of what it opens.
  const opened: SqlDriverAdapter[] = []
  const keeping: SqlMigrationAwareDriverAdapterFactory = Object.create(adapter, {
    connect: {
      value: async () => {
        const connection = await adapter.connect()
        opened.push(connection)
        return inOneTransaction(connection, provider)
      }
    }
  })
  const schema = readSchemaFile(provider, 'schema.prisma')
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, bindMigrationAwareSqlAdapterFactory(keeping))
  try {
    await engine.applyMigrations({
      migrationsList: {
        baseDir: 'migrations',
        lockfile: { path: 'migration_lock.toml', content: readSchemaFile(provider, 'migrations/migration_lock.toml') },
        migrationDirectories: bundled.map(({ name, sql }) => ({
          path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } }
        })),
        shadowDbInitScript: ''
      },
      filters: { externalTables: [], externalEnums: [] }
    })
  } finally {
    engine.free()
    await Promise.all(opened.map(async connection => { await connection.dispose() }))
  }
}

/**
 * The same connection, on which a migration is done as a whole or not at all; the adapters would do one statement after
 * another.
 */
function inOneTransaction (connection: SqlDriverAdapter, provider: Provider): SqlDriverAdapter {
  return Object.create(connection, {
    executeScript: {
      value: async (script: string) => {
        // PostgreSQL takes what comes in one message without parameters for one transaction.
        if (provider === 'postgresql') await connection.executeRaw({ sql: script, args: [], argTypes: [] })
        else await connection.executeScript(`BEGIN IMMEDIATE;\n${script}\nCOMMIT;`)
      }
    }
  })
}

/** What is used of Prisma's schema engine. */
interface SchemaEngine {
  applyMigrations (input: object): Promise<unknown>
  free (): void
}

interface SchemaEngineClass {
  new: (options: object, log: () => void, factory: object) => Promise<SchemaEngine>
}

let engineLoaded: Promise<SchemaEngineClass> | undefined

/**
 * Once a process: instantiating it twice at the same time kills the process. Node 20 cannot import the .wasm itself.
 */
export async function loadEngine (): Promise<SchemaEngineClass> {
  engineLoaded ??= instantiate()
  return await engineLoaded
}

async function instantiate (): Promise<SchemaEngineClass> {
  const home = dirname(require.resolve('@prisma/schema-engine-wasm'))
  const engine = await import(pathToFileURL(join(home, 'schema_engine_bg.js')).href)
  // By name, because the type of WebAssembly comes with the browser's types alone.
  const { instance } = await Reflect.get(globalThis, 'WebAssembly').instantiate(readFileSync(join(home, 'schema_engine_bg.wasm')), { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return engine.SchemaEngine
}
