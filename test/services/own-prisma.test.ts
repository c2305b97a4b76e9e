import t from 'tap'
import { needsMariadb } from '../kit/mariadb.js'
import { needsPostgresql } from '../kit/postgres.js'

t.setTimeout(180_000)

t.test('on the application\'s own PrismaClient and PostgreSQL', await needsPostgresql(), async t => {
  const { postgresClient } = await import('../kit/prisma.js')
  const { testOwnPrisma } = await import('../log/own-prisma.suite.js')
  await testOwnPrisma(t, postgresClient)
})

t.test('on the application\'s own PrismaClient and MariaDB', await needsMariadb(), async t => {
  const { mariadbClient } = await import('../kit/prisma.js')
  const { testOwnPrisma } = await import('../log/own-prisma.suite.js')
  await testOwnPrisma(t, mariadbClient)
})
