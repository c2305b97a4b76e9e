import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { bundledModels } from '../../dist/lib/cli/model.js'
import { statementsOf } from './bundled.js'
import { PrismaClient as MariadbClient } from './generated/mysql/client.js'
import { PrismaClient as PostgresClient } from './generated/postgresql/client.js'
import { PrismaClient as SqliteClient } from './generated/sqlite/client.js'
import { newMariadb, tableOf } from './mariadb.js'
import { newDatabase } from './postgres.js'

/** The columns that the three models of test/kit/users have in common. */
const COLUMNS = `"username" TEXT NOT NULL, "firstName" TEXT, "lastName" TEXT, "email" TEXT,
  "isActive" BOOLEAN NOT NULL DEFAULT true, "isStaff" BOOLEAN NOT NULL DEFAULT false, "isSuperuser" BOOLEAN NOT NULL DEFAULT false`

const PASSWORD = '"password" TEXT NOT NULL DEFAULT \'hash-of-a-secret\''

const TABLES = {
  sqlite: [
    `CREATE TABLE "User" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, ${PASSWORD}, ${COLUMNS})`,
    `CREATE TABLE "Member" ("id" TEXT NOT NULL PRIMARY KEY, ${COLUMNS})`,
    `CREATE TABLE "Account" ("id" BIGINT NOT NULL PRIMARY KEY, ${COLUMNS})`
  ],
  postgresql: [
    `CREATE TABLE "User" ("id" SERIAL PRIMARY KEY, ${PASSWORD}, ${COLUMNS})`,
    `CREATE TABLE "Member" ("id" TEXT NOT NULL PRIMARY KEY, ${COLUMNS})`,
    `CREATE TABLE "Account" ("id" BIGINT NOT NULL PRIMARY KEY, ${COLUMNS})`
  ]
}

/** The client of an application with users and the bundled model, on a new SQLite file. */
export async function sqliteClient (t: Test): Promise<SqliteClient> {
  const client = new SqliteClient({ adapter: new PrismaLibSql({ url: `file:${join(t.testdir(), 'application.db')}`, timeout: 5000 }) })
  t.teardown(async () => { await client.$disconnect() })
  for (const statement of [...TABLES.sqlite, ...statementsOf('sqlite')]) await client.$executeRawUnsafe(statement)
  await client.$queryRawUnsafe('PRAGMA journal_mode = WAL')
  return client
}

/** The same on PostgreSQL, in a database of its own that is dropped at the end. */
export async function postgresClient (t: Test): Promise<PostgresClient> {
  const client = new PostgresClient({ adapter: new PrismaPg({ connectionString: await newDatabase(t) }) })
  t.teardown(async () => { await client.$disconnect() })
  for (const statement of [...TABLES.postgresql, ...statementsOf('postgresql')]) await client.$executeRawUnsafe(statement)
  return client
}

/** The same on MariaDB, whose texts do not tell upper and lower case apart, as Prisma makes its tables. */
export async function mariadbClient (t: Test): Promise<MariadbClient> {
  const client = new MariadbClient({ adapter: new PrismaMariaDb(await newMariadb(t)) })
  t.teardown(async () => { await client.$disconnect() })
  const users = readFileSync(join(import.meta.dirname, 'users/users.prisma'), 'utf8')
  for (const model of [...users.split(/^(?=model )/m).slice(1), ...bundledModels('mysql').map(({ text }) => text)]) await client.$executeRawUnsafe(tableOf(model))
  return client
}
