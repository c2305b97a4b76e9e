import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient as PostgresqlClient } from './generated/dist/postgresql/client.js'
import { PrismaClient as SqliteClient } from './generated/dist/sqlite/client.js'
import { fill } from './fill.mjs'

const server = process.env.BENCH_POSTGRES_URL ?? 'postgresql://postgres@127.0.0.1:5432/postgres'

const USERS = key => `CREATE TABLE "User" ("id" ${key}, "username" TEXT NOT NULL, "firstName" TEXT NOT NULL, "lastName" TEXT NOT NULL,
  "email" TEXT NOT NULL, "isActive" BOOLEAN NOT NULL DEFAULT true, "isStaff" BOOLEAN NOT NULL DEFAULT false, "isSuperuser" BOOLEAN NOT NULL DEFAULT false)`
const USERNAME = 'CREATE UNIQUE INDEX "User_username_key" ON "User" ("username")'

/** An application's database with so many users and log rows; the log's tables come from the bundled migrations. */
export async function openSqlite (file, size) {
  const client = connectSqlite(file)
  // Both sides of every comparison: write-ahead log, and a commit is on the disk before it is answered.
  await client.$queryRawUnsafe('PRAGMA journal_mode = WAL')
  await make(client, 'sqlite', 'INTEGER PRIMARY KEY AUTOINCREMENT', size)
  return client
}

export function connectSqlite (file) {
  return new SqliteClient({ adapter: new PrismaLibSql({ url: `file:${file}`, timeout: 5000 }) })
}

/** The same on PostgreSQL, in a database of its own that `drop` removes. */
export async function openPostgresql (size) {
  const name = `impersonate_bench_${randomUUID().replaceAll('-', '')}`
  await onServer(`CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const client = connectPostgresql(url.href)
  await make(client, 'postgresql', 'SERIAL PRIMARY KEY', size)
  return {
    client,
    url: url.href,
    drop: async () => {
      await client.$disconnect()
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`)
    }
  }
}

export function connectPostgresql (url, options = {}) {
  return new PostgresqlClient({ adapter: new PrismaPg({ connectionString: url }), ...options })
}

/** The server's version, or null where none answers. */
export async function postgresqlVersion () {
  return await onServer('SHOW server_version').then(([row]) => row.server_version, () => null)
}

async function onServer (sql) {
  const client = new PostgresqlClient({ adapter: new PrismaPg({ connectionString: server, connectionTimeoutMillis: 3000 }) })
  try {
    return await client.$queryRawUnsafe(sql)
  } finally {
    await client.$disconnect()
  }
}

async function make (client, provider, key, { users = 0, logs = 0 }) {
  await client.$executeRawUnsafe(USERS(key))
  const folder = fileURLToPath(new URL(`../prisma/${provider}/migrations/`, import.meta.url))
  for (const entry of readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory())) {
    const sql = readFileSync(`${folder}/${entry.name}/migration.sql`, 'utf8')
    for (const statement of sql.split(';').filter(statement => /^[^-\s]/m.test(statement))) await client.$executeRawUnsafe(statement)
  }
  await fill(client, provider, { users, logs })
  await client.$executeRawUnsafe(USERNAME)
  // An old database has statistics, by autovacuum; a SQLite file has none, as in most applications.
  if (provider === 'postgresql') await client.$executeRawUnsafe('VACUUM ANALYZE')
}
