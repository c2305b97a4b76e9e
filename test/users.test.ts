import t, { type Test } from 'tap'
import { memoryUsers, prismaUsers } from '../index.js'
import { testUserSource } from '../lib/testing/index.js'
import { postgresClient, skipPostgres, sqliteClient } from './prisma.js'

const IDS = {
  string: (number: number) => `m-${number}`,
  int: (number: number) => number,
  bigint: (number: number) => 2n ** 62n + BigInt(number)
}

for (const [type, id] of Object.entries(IDS)) {
  t.test(`memoryUsers with ${type} ids`, async t => {
    await testUserSource({
      test: async (name, work) => await t.test(name, work),
      id,
      create: async users => ({ source: memoryUsers(users), only: ids => user => ids.includes(String(user.id)) })
    })
  })
}

const skip = await skipPostgres()
for (const [name, open, foldsUnicode, isSkipped] of [
  ['SQLite', sqliteClient, false, false], ['PostgreSQL', postgresClient, true, skip]
] as const) {
  t.test(`prismaUsers on ${name} with int ids`, { skip: isSkipped }, async t => {
    const prisma: any = await open(t)
    await suite(t, IDS.int, prisma.user, Number, foldsUnicode)
  })
  t.test(`prismaUsers on ${name} with string ids`, { skip: isSkipped }, async t => {
    const prisma: any = await open(t)
    await suite(t, IDS.string, prisma.member, String, foldsUnicode)
  })
  t.test(`prismaUsers on ${name} with bigint ids`, { skip: isSkipped }, async t => {
    const prisma: any = await open(t)
    await suite(t, IDS.bigint, prisma.account, BigInt, foldsUnicode)
  })
}

async function suite (t: Test, id: (number: number) => any, model: any, parse: (id: string) => unknown, foldsUnicode: boolean): Promise<void> {
  await testUserSource({
    test: async (name, work) => await t.test(name, work),
    id,
    foldsUnicode,
    create: async users => {
      await model.createMany({ data: users })
      return { source: prismaUsers<any>(model) as never, only: ids => ({ id: { in: ids.map(parse) } }) as never }
    }
  })
}
