import t from 'tap'
import { prismaUsers } from '../../dist/index.js'
import { browser, build } from '../kit/build.js'
import { needsMariadb } from '../kit/mariadb.js'
import { needsPostgresql } from '../kit/postgres.js'
import { mariadbClient, postgresClient, sqliteClient } from '../kit/prisma.js'

/** A client that was generated from an older schema: without these. */
function without (client: object, ...names: string[]): never {
  const hide = (target: object) => new Proxy(target, {
    get: (object, name) => {
      if (names.includes(String(name))) return undefined
      const value = Reflect.get(object, name)
      return name === 'impersonationLog' || name === 'fields' ? hide(Object(value)) : value
    }
  })
  return hide(client) as never
}

t.test('a client that was generated from an older model is refused, naming what it lacks and the cure', async t => {
  const prisma = await sqliteClient(t)
  for (const names of [['permitId'], ['reportedAt', 'writeUntil']]) {
    await t.rejects(build(t, { prisma: without(prisma, ...names) }), {
      code: 'FST_IMPERSONATE_DATABASE', message: `The model ImpersonationLog of "prisma" lacks ${names.join(', ')}: run npx fastify-impersonate schema, then npx prisma migrate dev and npx prisma generate`
    })
  }
})

t.test('a client without the models of what is not switched on will do, and so will a database without their tables', async t => {
  const prisma = await sqliteClient(t)
  for (const name of ['ImpersonationEvent', 'ImpersonationPermit']) await prisma.$executeRawUnsafe(`DROP TABLE "${name}"`)
  const app = await build(t, { prisma: without(prisma, 'impersonationEvent', 'impersonationPermit') })
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
})

for (const { name, open, skip } of [
  { name: 'SQLite', open: sqliteClient, skip: false as string | false },
  { name: 'PostgreSQL', open: postgresClient, ...await needsPostgresql() },
  { name: 'MariaDB', open: mariadbClient, ...await needsMariadb() }
]) {
  t.test(`a database that lacks a column of this version is refused, naming it and the cure, on ${name}`, { skip }, async t => {
    const prisma: any = await open(t)
    const sql = 'ALTER TABLE "ImpersonationLog" RENAME COLUMN "writeUntil" TO "other"'
    await prisma.$executeRawUnsafe(name === 'MariaDB' ? sql.replaceAll('"', '`') : sql)
    await t.rejects(build(t, { prisma, users: prismaUsers<any>(prisma.user) as never }), {
      code: 'FST_IMPERSONATE_DATABASE', message: /lacks the column writeUntil of ImpersonationLog: run npx fastify-impersonate schema, then npx prisma migrate dev/
    })
  })
}

const MISFITS = {
  SQLite: [
    ['DROP INDEX "ImpersonationLog_openKey_key"', 'it takes two open rows of one sign-in, as openKey has no unique index'],
    ['ALTER TABLE "ImpersonationLog" ADD COLUMN "ticket" TEXT NOT NULL DEFAULT (NULL)', 'it wants a value for ticket']
  ],
  PostgreSQL: [
    ['DROP INDEX "ImpersonationLog_openKey_key"', 'it takes two open rows of one sign-in, as openKey has no unique index'],
    ['ALTER TABLE "ImpersonationLog" ADD COLUMN "ticket" TEXT NOT NULL', 'it wants a value for ticket'],
    ['ALTER TABLE "ImpersonationLog" ALTER COLUMN "impersonatorName" TYPE VARCHAR(2)', 'one of its texts is too short for what the plugin writes']
  ],
  MariaDB: [
    ['DROP INDEX `ImpersonationLog_openKey_key` ON `ImpersonationLog`', 'it takes two open rows of one sign-in, as openKey has no unique index'],
    ['ALTER TABLE `ImpersonationLog` ADD COLUMN `ticket` VARCHAR(20) NOT NULL', 'it wants a value for ticket'],
    ['ALTER TABLE `ImpersonationLog` MODIFY `impersonatorName` VARCHAR(2) NOT NULL', 'impersonatorName is too short for what the plugin writes']
  ]
} as const

for (const { name, open, skip } of [
  { name: 'SQLite' as const, open: sqliteClient, skip: false as string | false },
  { name: 'PostgreSQL' as const, open: postgresClient, ...await needsPostgresql() },
  { name: 'MariaDB' as const, open: mariadbClient, ...await needsMariadb() }
]) {
  t.test(`a table that does not fit is refused at the start, naming what of it, on ${name}`, { skip }, async t => {
    for (const [sql, message] of MISFITS[name]) {
      const prisma: any = await open(t)
      const users = prismaUsers<any>(prisma.user) as never
      const app = await build(t, { prisma, users })
      await app.close()
      t.equal(await prisma.impersonationLog.count(), 0, 'what was tried is rolled back')
      await prisma.$executeRawUnsafe(sql)
      await t.rejects(build(t, { prisma, users }), { code: 'FST_IMPERSONATE_DATABASE', message: /The table ImpersonationLog of "prisma" does not fit: / }, sql)
      await t.rejects(build(t, { prisma, users }), { message }, sql)
      t.equal(await prisma.impersonationLog.count(), 0)
    }
  })
}

t.test('a model with a field of its own that every row needs is refused as well', async t => {
  const prisma = await sqliteClient(t)
  const $transaction = async () => { throw new Error('Invalid `prisma.impersonationLog.create()` invocation\n\nArgument `ticket` is missing.') }
  await t.rejects(build(t, { prisma: { impersonationLog: prisma.impersonationLog, $transaction } as never }), { message: 'it wants a value for ticket, which the plugin does not know' })
})

t.test('texts that are too long for a column are told in the words of each database', async t => {
  const prisma = await sqliteClient(t)
  for (const [words, message] of [
    ['value too long for type character varying(2)', 'one of its texts is too short for what the plugin writes'],
    ["Data too long for column 'impersonatorName' at row 1", 'impersonatorName is too short for what the plugin writes']
  ] as const) {
    const $transaction = async () => { throw Object.assign(new Error('P2000'), { meta: { driverAdapterError: { cause: { originalMessage: words } } } }) }
    await t.rejects(build(t, { prisma: { impersonationLog: prisma.impersonationLog, $transaction } as never }), { code: 'FST_IMPERSONATE_DATABASE', message }, words)
  }
})

t.test('where it cannot be tried whether a table fits, that is no hindrance', async t => {
  const prisma = await sqliteClient(t)
  await prisma.$executeRawUnsafe('CREATE TRIGGER full BEFORE INSERT ON "ImpersonationLog" BEGIN SELECT RAISE(ABORT, \'disk full\'); END')
  await build(t, { prisma })
  await build(t, { prisma: { impersonationLog: prisma.impersonationLog, $transaction: async () => {} } as never })
})
