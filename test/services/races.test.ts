import t from 'tap'
import { needsPostgresql, newDatabase } from '../kit/postgres.js'
import { needsTime } from '../kit/services.js'

t.setTimeout(1_200_000)

const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 200)

t.test('on SQLite, many times', needsTime, async t => {
  const { onSqlite, testRaces } = await import('../impersonation/races.suite.js')
  testRaces(t, onSqlite, ROUNDS)
})

t.test('on PostgreSQL', await needsPostgresql(), async t => {
  const { testRaces } = await import('../impersonation/races.suite.js')
  const { openEmbedded } = await import('../../dist/lib/log/database/embedded.js')
  testRaces(t, async t => {
    const databaseUrl = await newDatabase(t)
    const { client, close } = await openEmbedded(databaseUrl)
    t.teardown(close)
    return { prisma: client as never, options: { databaseUrl } }
  }, ROUNDS)
})
