import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { prismaLog } from '../../dist/lib/log/prisma/log.js'
import { browser, build } from '../kit/build.js'
import { open, row } from '../kit/database.js'
import { PrismaClient } from '../kit/generated/mysql/client.js'
import { needsMariadb, newMariadb } from '../kit/mariadb.js'
import { mariadbClient } from '../kit/prisma.js'

t.setTimeout(180_000)
const { skip } = await needsMariadb()

t.test('the log on MariaDB, whose texts are the same in upper and lower case', { skip }, async t => {
  const prisma = await mariadbClient(t)
  const log = prismaLog(prisma)

  await t.test('a key in other case is another key', async t => {
    await log.add(row({ id: 'one', sessionKey: 'aBc' }))
    t.equal((await log.findByKey('aBc'))?.id, 'one')
    t.equal(await log.findByKey('ABC'), null)
    t.equal(await log.findByKey('aBc '), null)
    t.equal((await log.findById('one'))?.id, 'one')
    t.equal(await log.findById('ONE'), null)
  })

  await t.test('the longest that the plugin writes fits, and times are kept to the millisecond', async t => {
    const long = row({
      sessionKey: 'k'.repeat(43),
      impersonatorId: 'é'.repeat(255),
      impersonatingId: '🎉'.repeat(255),
      impersonatorName: '🎉'.repeat(191),
      reason: '🎉'.repeat(1000),
      ipAddress: 'f'.repeat(64),
      userAgent: 'é'.repeat(512),
      returnTo: '/'.repeat(2000),
      sessionStartedAt: new Date('2026-03-29T01:30:00.123Z'),
      expiresAt: new Date('2026-10-25T01:30:00.999Z'),
      endReason: 'impersonator_inactive'
    })
    await log.add(long)
    t.strictSame(await log.findById(long.id), long)
  })

  await t.test('a row is closed once, by one of many', async t => {
    const running = row({ ...open, openKey: 'x' })
    await log.add(running)
    const closed = await Promise.all(Array.from({ length: 10 }, async () => await log.close(running, { reason: 'stopped', at: new Date() })))
    t.equal(closed.filter(Boolean).length, 1)
    t.equal(await log.close(running, { reason: 'expired', at: new Date() }), false)
  })

  await t.test('a row that was seen since is not swept', async t => {
    const running = row(open)
    await log.add(running)
    const at = new Date('2026-01-31T12:30:00.123Z')
    await log.see(running, at)
    t.equal(await log.close(running, { reason: 'idle', at }, running.lastSeenAt), false)
    t.equal(await log.close(running, { reason: 'idle', at }, at), true)
  })

  await t.test('of ten starts at once one is left open, and each of the others has ended as replaced', async t => {
    const app = await build(t, { prisma, signInId: () => 'one', timeout: 30_000 })
    const sam = browser(app)
    await sam.signIn(2)
    const started = new Date(Date.now() - 1)
    const answers = await Promise.all(Array.from({ length: 10 }, async () => await app.inject({
      method: 'POST', url: '/impersonate/3/', headers: { accept: 'application/json' }, cookies: Object.fromEntries([...sam.jar].map(([name, value]) => [name, value]))
    })))
    t.strictSame(new Set(answers.map(({ statusCode }) => statusCode)), new Set([201]))
    const rows = await prisma.impersonationLog.findMany({ where: { impersonatingName: 'Carl O\'Brien', ipAddress: '127.0.0.1', sessionStartedAt: { gt: started } } })
    t.equal(rows.filter(({ sessionEndedAt }) => sessionEndedAt === null).length, 1)
    t.equal(rows.filter(({ endReason }) => endReason === 'replaced').length, 9)
  })
})

t.test('times on MariaDB are the same whatever the process\'s time zone', { skip }, async t => {
  const url = await newMariadb(t)
  const client = new PrismaClient({ adapter: new PrismaMariaDb(url) })
  t.teardown(async () => { await client.$disconnect() })
  await client.$executeRawUnsafe('CREATE TABLE times (id INT PRIMARY KEY, at DATETIME(3))')
  const write = `
    const { createRequire } = await import('node:module')
    const { PrismaMariaDb } = createRequire(${JSON.stringify(import.meta.url)})('@prisma/adapter-mariadb')
    const connection = await new PrismaMariaDb(${JSON.stringify(url)}).connect()
    await connection.executeRaw({ sql: 'INSERT INTO times VALUES (1, ?)', args: ['2026-01-31T12:00:00.123Z'], argTypes: [{ scalarType: 'datetime', arity: 'scalar' }] })
    await connection.dispose()`
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', write], { env: { ...process.env, NODE_OPTIONS: '', TZ: 'America/New_York' } })
  t.strictSame(await client.$queryRaw`SELECT at FROM times`, [{ at: new Date('2026-01-31T12:00:00.123Z') }])
})
