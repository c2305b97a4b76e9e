import t from 'tap'
import { needsPostgresql } from '../kit/postgres.js'

t.setTimeout(300_000)

t.test('over PostgreSQL', await needsPostgresql(), async t => {
  const { postgresClient } = await import('../kit/prisma.js')
  const { testEveryEnding } = await import('../impersonation/every-ending.suite.js')
  const prisma = await postgresClient(t)
  await testEveryEnding(t, async () => {
    await prisma.impersonationLog.deleteMany()
    return { prisma }
  })
})
