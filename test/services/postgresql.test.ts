import { PrismaPg } from '@prisma/adapter-pg'
import t, { type Test } from 'tap'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import { PrismaClient } from '../../dist/prisma/generated/postgresql/client.js'
import { browser, build } from '../kit/build.js'
import { applied } from '../kit/bundled.js'
import { row } from '../kit/database.js'
import { deployAndStart } from '../kit/migrate.js'
import { needsPostgresql, newDatabase } from '../kit/postgres.js'
import { startProcess } from '../kit/processes.js'

t.setTimeout(180_000)

function clientOf (t: Test, url: string): PrismaClient {
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
  t.teardown(async () => { await client.$disconnect() })
  return client
}

t.test('on PostgreSQL', await needsPostgresql(), async t => {
  t.test('the first start applies the bundled migrations, the second finds them', async t => {
    const url = await newDatabase(t)
    for (const times of [1, 2]) {
      const app = await build(t, { databaseUrl: url })
      const sam = browser(app)
      await sam.signIn(2)
      t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
      t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: 2 })
      t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
      await app.close()
      t.equal(await clientOf(t, url).impersonationLog.count({ where: { endReason: 'stopped' } }), times)
    }
    t.match(await clientOf(t, url).$queryRaw`SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL`, applied)
  })

  t.test('four processes may start over one new database at once', async t => {
    const url = await newDatabase(t)
    const answers = await Promise.all([1, 2, 3, 4].map(async () => await startProcess(url, 5)))
    for (const answer of answers) t.match(answer, { statuses: [201, 201, 201, 201, 201] })
    const client = clientOf(t, url)
    t.equal(await client.impersonationLog.count({ where: { sessionEndedAt: null } }), 20)
    t.match(await client.$queryRaw`SELECT count(*)::int AS n FROM _prisma_migrations`, [{ n: applied.length }])
  })

  t.test('fifty starts of one sign-in at once leave one row open, in two applications', async t => {
    const url = await newDatabase(t)
    const ends: unknown[] = []
    const options = { databaseUrl: url, timeout: 30_000, getRealUser: () => ({ id: 2, isStaff: true, isSuperuser: false }), signInId: () => 'one', onSessionEnd: ({ endReason }: { endReason: unknown }) => { ends.push(endReason) } }
    const apps = [await build(t, options), await build(t, options)]
    const responses = await Promise.all(Array.from({ length: 50 }, async (unused, index) => await apps[index % 2]?.inject({ method: 'POST', url: '/impersonate/3/', headers: { accept: 'application/json' } })))
    const started = responses.filter(response => response?.statusCode === 201).length
    t.same(responses.filter(response => response?.statusCode !== 201).map(response => response?.statusCode).filter(status => status !== 409), [])
    t.ok(started > 0)
    const client = clientOf(t, url)
    t.equal(await client.impersonationLog.count({ where: { sessionEndedAt: null } }), 1)
    t.equal(await client.impersonationLog.count({ where: { endReason: 'replaced' } }), started - 1)
    t.same(ends, Array.from({ length: started - 1 }, () => 'replaced'))
  })

  t.test('prisma migrate deploy prepares a database for the plugin', async t => {
    await deployAndStart(t, await newDatabase(t))
  })

  t.test('an impersonation that one process ends is over for the next request on another', async t => {
    const url = await newDatabase(t)
    const [first, second] = [await build(t, { databaseUrl: url, signInId: () => null, getRealUser: () => ({ id: 2, isStaff: true, isSuperuser: false }) }), await build(t, { databaseUrl: url, signInId: () => null, getRealUser: () => ({ id: 2, isStaff: true, isSuperuser: false }) })]
    const sam = browser(first)
    const elsewhere = browser(second)
    await sam.postJson('/impersonate/3/')
    for (const [name, value] of sam.jar) elsewhere.jar.set(name, value)
    t.match((await elsewhere.getJson('/who')).json(), { user: 3, impersonator: 2 })
    await sam.postJson('/impersonate/stop/')
    t.match((await elsewhere.getJson('/who')).json(), { statusCode: 409, endReason: 'stopped' })
  })

  t.test('the application\'s own client keeps the log, and stays open', async t => {
    const url = await newDatabase(t)
    await (await openEmbedded(url)).close()
    const prisma = clientOf(t, url)
    await prisma.impersonationLog.createMany({ data: [row({ sessionStartedAt: new Date('2026-01-01') }), row({ sessionStartedAt: new Date('2026-01-02'), impersonatorId: '1', impersonatorName: 'ada' })] })
    const app = await build(t, { prisma, adminReadOnly: false, adminDeletePermission: true })
    const ada = browser(app)
    await ada.signIn(1)
    const { logs, filters } = (await ada.getJson('/impersonate/log/?from=2026-01-01&to=2026-01-03&session=complete')).json()
    t.match(logs, [{ impersonator: { id: '1' } }, { impersonator: { id: '2' } }])
    t.same(filters.impersonators, [{ id: '1', name: 'ada' }, { id: '2', name: 'sam' }])
    t.equal((await ada.postJson(`/impersonate/log/${logs[0].id}/`, { reason: 'x' })).json().reason, 'x')
    t.equal((await ada.postJson(`/impersonate/log/${logs[0].id}/delete/`)).statusCode, 204)
    await app.close()
    t.equal(await prisma.impersonationLog.count(), 1)
  })

  t.test('hostile text from headers is kept as far as a column takes it', async t => {
    const url = await newDatabase(t)
    const app = await build(t, { databaseUrl: url })
    const sam = browser(app)
    await sam.signIn(2)
    t.equal((await sam.post('/impersonate/3/', undefined, { accept: 'application/json', 'user-agent': `\u00ff${'x'.repeat(1000)}` })).statusCode, 201)
    const [saved] = await clientOf(t, url).impersonationLog.findMany()
    t.equal(saved?.userAgent?.length, 512)
  })
})
