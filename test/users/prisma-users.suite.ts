import type { Test } from 'tap'
import { prismaUsers } from '../../dist/index.js'
import { testUserSource } from '../../dist/lib/testing/index.js'
import type { PrismaUsersOptions } from '../../dist/lib/users/prisma/source.js'

export const string = (number: number) => `m-${number}`
/** From 96 to 103: in the order of numbers, which that of texts is not. */
export const int = (number: number) => 95 + number
export const bigint = (number: number) => 2n ** 62n + BigInt(number)
/** libsql reads whole numbers as JavaScript's unless the application says otherwise. */
export const sqliteBigint = (number: number) => 2n ** 52n + BigInt(number)

interface Database {
  name: string
  open: (t: Test) => Promise<unknown>
  /** Whether letters beyond ASCII are the same in upper and lower case. */
  foldsUnicode: boolean
  bigId?: (number: number) => bigint
}

/** What every user source has to keep, over models with three types of ids, and over an extended client. */
export function testPrismaUsers (t: Test, { name, open, foldsUnicode, bigId = bigint }: Database): void {
  t.test(`prismaUsers on ${name} with int ids`, async t => {
    const prisma: any = await open(t)
    await testModel(t, int, prisma.user, Number, foldsUnicode)
  })
  t.test(`prismaUsers on ${name} with string ids`, async t => {
    const prisma: any = await open(t)
    await testModel(t, string, prisma.member, String, foldsUnicode)
  })
  t.test(`prismaUsers on ${name} with bigint ids`, async t => {
    const prisma: any = await open(t)
    await testModel(t, bigId, prisma.account, BigInt, foldsUnicode)
  })
  t.test(`prismaUsers on an extended client on ${name}`, async t => {
    const prisma: any = await open(t)
    const extended = prisma.$extends({ result: { user: { initial: { needs: { username: true }, compute: ({ username }: { username: string }) => username[0] } } } })
    await testModel(t, int, extended.user, Number, foldsUnicode)
    t.equal((await prismaUsers<any>(extended.user).findById('96') as any).initial, 'a')
  })
}

export async function testModel (
  t: Test, id: (number: number) => any, model: any, parse: (id: string) => unknown, foldsUnicode: boolean, options?: PrismaUsersOptions
): Promise<void> {
  await testUserSource({
    test: async (name, work) => await t.test(name, work),
    id,
    foldsUnicode,
    create: async users => {
      await model.createMany({ data: users })
      return {
        source: prismaUsers<any>(model, options) as never,
        only: ids => ({ id: { in: ids.map(parse) } }) as never,
        wrongScopes: [() => true, { id: undefined }, null, false, ''] as never[]
      }
    }
  })
}
