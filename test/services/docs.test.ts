import t from 'tap'
import { blocksOf, impersonateAndStop, signedIn, startPage, textOf } from '../kit/pages.js'
import { needsPostgresql, newDatabase } from '../kit/postgres.js'
import { connectRedis, needsRedis } from '../kit/redis.js'
import { visitor } from '../kit/visitor.js'

t.setTimeout(120_000)

const { skip } = await needsPostgresql()
t.test('the application of several processes runs as it stands: a visitor may reach another one with each request', { skip }, async t => {
  const env = { SESSION_KEY: '5'.repeat(64), IMPERSONATE_DATABASE_URL: await newDatabase(t) }
  const folder = t.testdir()
  const [one, other] = await Promise.all([startPage(t, 'docs/several-processes.md', env, folder), startPage(t, 'docs/several-processes.md', env, folder)])
  const sam = visitor(one.origin)
  await sam.get('/login?id=1')
  await impersonateAndStop(t, sam)
  await sam.post('/impersonate/2/')
  const elsewhere = visitor(other.origin)
  for (const [name, value] of sam.jar) elsewhere.jar.set(name, value)
  t.match(await elsewhere.getJson('/'), { user: 'carl', impersonator: 'sam' })
  await elsewhere.post('/impersonate/stop/')
  t.match(await sam.send('/', { headers: { accept: 'application/json' } }), { status: 409 })
})

t.test('the recipe for Redis runs as it stands', await needsRedis(), async t => {
  const { origin } = await startPage(t, 'docs/neighbours/redis.md')
  const sam = await signedIn(origin)
  await impersonateAndStop(t, sam)
  const [id] = decodeURIComponent(sam.jar.get('sessionId') ?? '').split('.')
  const redis = await connectRedis()
  t.equal(await redis.del(`session:${id}`), 1, 'the sign-in was there')
  redis.destroy()
})

t.test('the index of the page on performance is what PostgreSQL searches by', await needsPostgresql(), async t => {
  const { postgresClient } = await import('../kit/prisma.js')
  const prisma = await postgresClient(t)
  const [sql = ''] = blocksOf(textOf('docs/performance.md')).filter(({ language }) => language === 'sql').map(({ code }) => code)
  for (const statement of sql.replace(/^--.*$/gm, '').split(';').filter(text => text.trim() !== '')) await prisma.$executeRawUnsafe(statement)
  await prisma.$executeRawUnsafe('INSERT INTO "User" ("username", "firstName", "lastName", "email") SELECT \'user\' || i, \'Some\', \'Body\', \'x\' FROM generate_series(1, 100000) i')
  await prisma.$executeRawUnsafe('VACUUM ANALYZE "User"')
  const plan = JSON.stringify(await prisma.$queryRawUnsafe(`EXPLAIN SELECT * FROM "User"
    WHERE "username" ILIKE '%nobody%' OR "firstName" ILIKE '%nobody%' OR "lastName" ILIKE '%nobody%' OR "email" ILIKE '%nobody%'`))
  t.match(plan, 'User_search_idx')
})
