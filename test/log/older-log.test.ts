import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaPg } from '@prisma/adapter-pg'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import { PrismaClient as PostgresClient } from '../../dist/prisma/generated/postgresql/client.js'
import { PrismaClient as SqliteClient } from '../../dist/prisma/generated/sqlite/client.js'
import { bundledModels } from '../../dist/lib/cli/model.js'
import { statementForOldRows } from '../../dist/lib/cli/old-rows.js'
import { browser, build } from '../kit/build.js'
import { applied, historyOf, older, statementsOf } from '../kit/bundled.js'
import { newFile } from '../kit/database.js'
import { needsMariadb, tableOf } from '../kit/mariadb.js'
import { needsPostgresql, newDatabase } from '../kit/postgres.js'
import { mariadbClient } from '../kit/prisma.js'

t.setTimeout(120_000)

/** One that ended, one that is open, and one whose clock was set back after its start. */
const ROWS = [
  { id: 'ended', openKey: 'null', lastSeenAt: '12:30:00', sessionEndedAt: "'2026-01-31 12:40:00.000'", endReason: "'stopped'" },
  { id: 'open', openKey: "'a sign-in'", lastSeenAt: '12:30:00', sessionEndedAt: 'null', endReason: 'null' },
  { id: 'set-back', openKey: "'another'", lastSeenAt: '11:30:00', sessionEndedAt: 'null', endReason: 'null' }
]

const inserts = ROWS.map(({ id, openKey, lastSeenAt, sessionEndedAt, endReason }) => `INSERT INTO "ImpersonationLog"
  ("id", "sessionKey", "openKey", "impersonatorId", "impersonatorName", "impersonatingId", "impersonatingName", "reason", "sessionStartedAt", "lastSeenAt", "sessionEndedAt", "endReason")
  VALUES ('${id}', 'key of ${id}', ${openKey}, '2', 'sam', '3', 'carl', 'a; b', '2026-01-31 12:00:00.000', '2026-01-31 ${lastSeenAt}.000', ${sessionEndedAt}, ${endReason})`)

const at = (time: string) => new Date(`2026-01-31T${time}Z`)

/** What the rows are then: what had ended is reported; the others ended when they were last seen, never before their start. */
const AFTER = [
  { id: 'ended', openKey: null, sessionEndedAt: at('12:40:00'), endReason: 'stopped', reportedAt: at('12:40:00'), reason: 'a; b' },
  { id: 'open', openKey: null, sessionEndedAt: at('12:30:00'), endReason: 'aborted', reportedAt: null },
  { id: 'set-back', openKey: null, sessionEndedAt: at('12:00:00'), endReason: 'aborted', reportedAt: null }
]

const databases = [
  {
    name: 'SQLite',
    skip: false as string | false,
    provider: 'sqlite' as const,
    open: async (t: Test) => {
      const url = `file:${newFile(t)}`
      return { url, client: new SqliteClient({ adapter: new PrismaLibSql({ url }) }) }
    }
  },
  {
    name: 'PostgreSQL',
    ...await needsPostgresql(),
    provider: 'postgresql' as const,
    open: async (t: Test) => {
      const url = await newDatabase(t)
      return { url, client: new PostgresClient({ adapter: new PrismaPg({ connectionString: url }) }) }
    }
  }
]

for (const { name, skip, provider, open } of databases) {
  t.test(`a log of version 0.1.0 on ${name} comes through: its rows stay, and what was open is aborted`, { skip }, async t => {
    const { url, client } = await open(t)
    for (const sql of [...historyOf(provider, older), ...statementsOf(provider, older), ...inserts]) await client.$executeRawUnsafe(sql)
    await client.$disconnect()

    const database = await openEmbedded(url)
    const log: any = database.client
    t.match(await log.impersonationLog.findMany({ orderBy: { id: 'asc' } }), AFTER)
    t.strictSame(await log.$queryRawUnsafe('SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL'), applied)
    await database.close()

    const app = await build(t, { databaseUrl: url })
    const ada = browser(app)
    await ada.signIn(1)
    t.equal((await ada.getJson('/impersonate/log/')).json().logs.length, 3)
    t.strictSame((await ada.getJson('/impersonate/sessions/')).json().sessions, [])
  })
}

t.test('the same rows in an application\'s own MariaDB, by the statement that schema tells', await needsMariadb(), async t => {
  const client = await mariadbClient(t)
  for (const sql of [...inserts, statementForOldRows('mysql')]) await client.$executeRawUnsafe(sql.replaceAll('"', '`'))
  t.match(await client.impersonationLog.findMany({ orderBy: { id: 'asc' } }), AFTER)
  t.match(readFileSync(new URL('../../docs/own-database.md', import.meta.url), 'utf8'), statementForOldRows('mysql'), 'which is in the docs')
})

t.test('an application\'s own MariaDB has all three models, with texts as long as what goes into them', await needsMariadb(), async t => {
  const client = await mariadbClient(t)
  const body = 'é'.repeat(100_000)
  await client.impersonationEvent.create({ data: { seq: 1n, once: 'began:x', at: new Date(), kind: 'began', body, personal: '{}', hash: 'x'.repeat(43) } })
  t.equal((await client.impersonationEvent.findFirst())?.body, body)
  t.strictSame(bundledModels('mysql').map(({ name }) => name), ['ImpersonationLog', 'ImpersonationEvent', 'ImpersonationPermit'])
  t.match(bundledModels('mysql').map(({ text }) => tableOf(text)), [/`permitId` VARCHAR\(36\) NULL/, /`personal` TEXT NULL/, /`reason` VARCHAR\(1000\) NULL/])
})
