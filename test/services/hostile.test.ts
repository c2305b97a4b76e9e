import t from 'tap'
import { needsPostgresql } from '../kit/postgres.js'
import { needsTime } from '../kit/services.js'

t.setTimeout(900_000)

t.test('over PostgreSQL', await needsPostgresql(), async t => {
  const { postgresClient } = await import('../kit/prisma.js')
  const { testHostile } = await import('../request/hostile.suite.js')
  testHostile(t, postgresClient, 4)
})

t.test('over SQLite, many times', needsTime, async t => {
  const { sqliteClient } = await import('../kit/prisma.js')
  const { testHostile } = await import('../request/hostile.suite.js')
  testHostile(t, sqliteClient, 4)
})

t.test('over sockets, many times', needsTime, async t => {
  const { testHostilePaths } = await import('../request/hostile-paths.suite.js')
  testHostilePaths(t, 4)
})
