import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import type { FastifyRequest } from 'fastify'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { memoryUsers, type SessionEvent } from '../../dist/index.js'
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
    t.match(await log.findById(long.id), long)
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

t.test('people on MariaDB whose ids differ in case, accent and a space at the end start, use, stop and end their own', { skip }, async t => {
  const prisma = await mariadbClient(t)
  const pairs = [['sam', 'carl'], ['SAM', 'CARL'], ['sám', 'cárl'], ['sam ', 'carl ']] as const
  const users = memoryUsers([
    { id: 'ada', username: 'ada', isActive: true, isStaff: true, isSuperuser: true },
    ...pairs.flatMap(([staff, customer]) => [
      { id: staff, username: staff, isActive: true, isStaff: true, isSuperuser: false }, { id: customer, username: customer, isActive: true, isStaff: false, isSuperuser: false }
    ])
  ])
  const clock = { at: Date.now() }
  const ends: unknown[] = []
  const options = {
    prisma,
    users,
    timeout: 30_000,
    now: () => clock.at,
    getRealUser: async ({ headers }: FastifyRequest) => await users.findById(decodeURIComponent(String(headers['x-user']))),
    onSessionEnd: ({ log, endReason }: SessionEvent) => { ends.push([log.impersonatorId, log.impersonatingId, endReason]) }
  }
  const app = await build(t, { signIn: 'bearer', ...options })
  const as = (id: string) => {
    const person = browser(app)
    const headers = { accept: 'application/json', 'x-user': encodeURIComponent(id) }
    return {
      start: async (userId: string) => (await person.post('/impersonate/-/start/', { userId }, headers)).statusCode,
      who: async () => (await person.get('/who', headers)).json(),
      post: async (path: string, body?: object) => (await person.post(path, body, headers)).json(),
      get: async (path: string) => (await person.get(path, headers)).json()
    }
  }
  const [ada, staff] = [as('ada'), pairs.map(([id]) => as(id))]
  const seen = async () => await Promise.all(staff.map(async person => (await person.who()).user ?? 'over'))
  const open = async () => (await prisma.impersonationLog.findMany({ where: { sessionEndedAt: null } })).map(({ impersonatorId }) => impersonatorId).sort()
  const everybody = pairs.map(([id]) => id)

  for (const [index, [, customer]] of pairs.entries()) t.equal(await staff[index]?.start(customer), 201)
  t.strictSame(await seen(), pairs.map(([, customer]) => customer))

  await staff[0]?.post('/impersonate/stop/')
  t.strictSame(await seen(), ['sam', 'CARL', 'cárl', 'carl '])
  t.strictSame(ends.splice(0), [['sam', 'carl', 'stopped']])

  t.equal(await staff[0]?.start('carl'), 201)
  t.strictSame(await ada.post('/impersonate/sessions/end/', { impersonator: 'sam' }), { ended: 1 })
  t.strictSame(ends.splice(0), [['sam', 'carl', 'revoked']])
  t.strictSame(await open(), everybody.filter(id => id !== 'sam').sort())
  t.strictSame(await seen(), ['over', 'CARL', 'cárl', 'carl '])

  t.strictSame(await ada.post('/impersonate/sessions/end/', { impersonating: 'carl ' }), { ended: 1 })
  t.strictSame(ends.splice(0), [['sam ', 'carl ', 'revoked']])
  t.strictSame(await open(), ['SAM', 'sám'])
  for (const id of everybody) {
    const { logs } = await ada.get(`/impersonate/log/?impersonator=${encodeURIComponent(id)}`)
    t.strictSame(logs.map(({ impersonator }: { impersonator: { id: string } }) => impersonator.id), id === 'sam' ? ['sam', 'sam'] : [id])
  }

  // What a killed process leaves: two ends that nobody has reported.
  await prisma.impersonationLog.updateMany({ where: { sessionEndedAt: { not: null } }, data: { reportedAt: null } })
  clock.at += 86_399_000
  await app.impersonate.sweep()
  t.strictSame(ends.splice(0).map(String).sort(), ['sam ,carl ,revoked', 'sam,carl,revoked', 'sam,carl,stopped'])
  clock.at += 1000
  await app.impersonate.sweep()
  t.strictSame(await open(), [])
  const rows = await prisma.impersonationLog.findMany()
  t.strictSame(rows.filter(({ reportedAt }) => reportedAt === null || reportedAt.getTime() < 0), [])
  t.strictSame(ends.map(String).sort(), ['SAM,CARL,abandoned', 'sám,cárl,abandoned'])
})
