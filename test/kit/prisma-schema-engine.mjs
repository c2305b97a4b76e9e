#!/usr/bin/env node
// Lets the Prisma CLI (prisma migrate dev | deploy | diff | status, prisma generate, prisma db execute) run on a machine
// that cannot download Prisma's native schema engine. It answers the same JSON-RPC over stdin/stdout, with Prisma's own
// WebAssembly build of that engine (@prisma/schema-engine-wasm) on top of the project's driver adapters.
//
//   PRISMA_SCHEMA_ENGINE_BINARY=test/kit/prisma-schema-engine.mjs npx prisma migrate deploy
//
// Seen working: generate; SQLite: migrate dev, deploy, status, diff; PostgreSQL: migrate deploy and status, and
// migrate diff --from-empty --to-schema … --script. Not on PostgreSQL: whatever reads the live schema (migrate dev,
// diff --from-config-datasource): write the SQL with --from-empty or by hand there, and apply it with deploy.
//
// It resolves @prisma/schema-engine-wasm and the adapter for the URL (@prisma/adapter-libsql or -better-sqlite3, -pg or -mariadb) from the
// working directory, so the project must have them installed.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const require = createRequire(join(process.cwd(), 'package.json'))
const load = (name) => import(pathToFileURL(require.resolve(name)).href)

const args = process.argv.slice(2)
const datamodels = []
let datasource = {}
let subcommand
for (let i = 0; i < args.length; i++) {
  if (args[i] === '--datamodels') datamodels.push(args[++i])
  else if (args[i] === '--datasource') datasource = JSON.parse(args[++i])
  else if (args[i] === 'cli') subcommand = args[++i]
  else if (args[i] === '--version') {
    console.log('schema-engine-cli wasm-shim')
    process.exit(0)
  } else i++
}

async function adapterFor ({ url = 'file:./dev.db', shadowDatabaseUrl }) {
  const scheme = url.slice(0, url.indexOf(':'))
  if (scheme === 'postgresql' || scheme === 'postgres') {
    const { PrismaPg } = await load('@prisma/adapter-pg')
    const address = new URL(url)
    const schema = address.searchParams.get('schema')
    if (schema !== null) {
      address.searchParams.delete('schema')
      address.searchParams.set('options', `-c search_path="${schema}"`)
    }
    return new PrismaPg({ connectionString: address.href }, schema === null ? {} : { schema })
  }
  if (scheme === 'mysql' || scheme === 'mariadb') {
    const { PrismaMariaDb } = await load('@prisma/adapter-mariadb')
    return new PrismaMariaDb(url.replace(/^mysql:/, 'mariadb:'))
  }
  if (scheme === 'file') {
    const file = `file:${resolve(process.cwd(), url.replace(/^file:/, '').replace(/\?.*$/, ''))}`
    const shadow = shadowDatabaseUrl ?? ':memory:'
    try {
      const { PrismaLibSql } = await load('@prisma/adapter-libsql')
      return new PrismaLibSql({ url: file, shadowDatabaseURL: shadow })
    } catch (error) {
      if (error?.code !== 'MODULE_NOT_FOUND') throw error
      const { PrismaBetterSqlite3 } = await load('@prisma/adapter-better-sqlite3')
      return new PrismaBetterSqlite3({ url: file }, { shadowDatabaseUrl: shadow })
    }
  }
  throw new Error(`no driver adapter for a ${scheme}: URL`)
}

function fail (message, code) {
  process.stderr.write(JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields: { message, error_code: code ?? 'P1000' } }) + '\n')
  process.exit(1)
}

let factory
try {
  const { bindMigrationAwareSqlAdapterFactory } = await load('@prisma/driver-adapter-utils')
  factory = bindMigrationAwareSqlAdapterFactory(await adapterFor(datasource))
  // Whole migration files reach the shadow database as one executeRaw, which the SQLite driver takes as one statement.
  const connectToShadowDb = factory.connectToShadowDb
  factory.connectToShadowDb = async () => {
    const result = await connectToShadowDb()
    if (result.ok) {
      const { executeRaw } = result.value
      result.value.executeRaw = async (query) => {
        if (query.args.length > 0) return executeRaw(query)
        const done = await result.value.executeScript(query.sql)
        return done.ok ? { ...done, value: 0 } : done
      }
    }
    return result
  }
} catch (error) {
  fail(String(error?.message ?? error))
}

if (subcommand) {
  // can-connect-to-database | create-database | drop-database
  try {
    if (subcommand === 'drop-database') fail('drop-database is not supported without the native schema engine')
    const result = await factory.connect()
    const connection = result?.ok ? result.value : result
    await connection.dispose?.()
    process.exit(0)
  } catch (error) { fail(String(error?.message ?? error), 'P1001') }
}

const home = dirname(require.resolve('@prisma/schema-engine-wasm'))
const engineModule = await import(pathToFileURL(join(home, 'schema_engine_bg.js')).href)
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(join(home, 'schema_engine_bg.wasm'))), { './schema_engine_bg.js': engineModule })
engineModule.__wbg_set_wasm(exports)
exports.__wbindgen_start?.()

const schemaFiles = datamodels.map((path) => [path, readFileSync(path, 'utf8')])
const engine = await engineModule.SchemaEngine.new({ datamodels: schemaFiles.length ? schemaFiles : undefined }, (line) => process.stderr.write(line.trim() + '\n'), factory)

const renamed = { getDatabaseVersion: 'version' }

// The WebAssembly engine reports a database without a migrations table as an error where the native one reads it as
// "nothing applied yet": create the empty table and ask again.
async function call (method, params) {
  try {
    return await engine[method](params)
  } catch (error) {
    if (!String(error?.message).includes('_prisma_migrations') || !params.migrationsList) throw error
    await engine.applyMigrations({ migrationsList: { ...params.migrationsList, migrationDirectories: [] }, filters: params.filters })
    return engine[method](params)
  }
}

let pending = Promise.resolve()
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (!method) return // the CLI's answer to a "print"
  pending = pending.then(async () => {
    let reply
    try {
      const result = await call(renamed[method] ?? method, params ?? {})
      if (method === 'diff' && result?.stdout) {
        process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id: 1e9 + id, method: 'print', params: { content: result.stdout } }) + '\n')
      }
      reply = { result: result ?? {} }
    } catch (error) {
      reply = { error: { code: 4466, message: 'An error happened. Check the data field for details.', data: { is_panic: false, message: String(error?.message ?? error), error_code: error?.code } } }
    }
    process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...reply }) + '\n')
  })
}).on('close', () => pending.then(() => process.exit(0)))
