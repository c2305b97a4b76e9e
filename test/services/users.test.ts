import t from 'tap'
import { needsMariadb } from '../kit/mariadb.js'
import { needsPostgresql } from '../kit/postgres.js'

t.setTimeout(180_000)
const { skip } = await needsPostgresql()

t.test('prismaUsers on PostgreSQL', { skip }, async t => {
  const { postgresClient } = await import('../kit/prisma.js')
  const { testPrismaUsers } = await import('../users/prisma-users.suite.js')
  testPrismaUsers(t, { name: 'PostgreSQL', open: postgresClient, foldsUnicode: true })
})

t.test('prismaUsers on MariaDB', await needsMariadb(), async t => {
  const { mariadbClient } = await import('../kit/prisma.js')
  const { testPrismaUsers } = await import('../users/prisma-users.suite.js')
  testPrismaUsers(t, { name: 'MariaDB', open: mariadbClient, foldsUnicode: true })
})

t.test('prismaUsers on PostgreSQL that is told the table', { skip }, async t => {
  const { postgresClient } = await import('../kit/prisma.js')
  const { int, testModel } = await import('../users/prisma-users.suite.js')
  const { prismaUsers } = await import('../../dist/index.js')
  const prisma: any = await postgresClient(t)
  let asked = 0
  const $parent = { _activeProvider: 'postgresql', $queryRawUnsafe: async (...args: unknown[]) => { asked++; return await prisma.$queryRawUnsafe(...args) } }
  const model = new Proxy(prisma.user, { get: (target, name) => name === '$parent' ? $parent : Reflect.get(target, name) })
  await testModel(t, int, model, Number, true, { table: 'public.User', columns: { firstName: 'firstName' } })
  t.ok(asked > 30)

  await prisma.user.createMany({ data: Array.from({ length: 120 }, (unused, n) => ({ id: 900 + n, username: `many${n}`, email: n % 2 === 0 ? 'even' : 'odd' })) })
  const [told, untold] = [prismaUsers<any>(model, { table: 'User' }), prismaUsers<any>(prisma.user)]
  for (const terms of [['many'], ['many', 'even'], ['1'], ['nobody']]) {
    for (const part of [{}, { page: 2 }, { page: 9 }, { after: '990' }, { after: '1019' }, { before: '1010' }, { before: '900' }]) {
      const query = { terms, fields: ['username', 'email'], lookup: 'icontains', pageSize: 10, countLimit: 1000, ...part } as const
      t.same(await told.findPage(query), await untold.findPage(query), JSON.stringify([terms, part]))
    }
  }
})
