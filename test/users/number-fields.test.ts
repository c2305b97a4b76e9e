import t, { type Test } from 'tap'
import { memoryUsers, prismaUsers } from '../../dist/index.js'
import { parseNumber } from '../../dist/lib/users/numbers.js'
import { browser, build, people, person } from '../kit/build.js'
import { needsMariadb } from '../kit/mariadb.js'
import { needsPostgresql } from '../kit/postgres.js'
import { mariadbClient, postgresClient, sqliteClient } from '../kit/prisma.js'

const everyone = [
  { id: 4, username: 'ada' }, { id: 12, username: '4 you' }, { id: 40, username: 'bob 12' }, { id: 120, username: 'a_b' }
]

/** Which ids each search finds: numbers are found by all of them. */
const SEARCHES: Array<[terms: string[], fields: string[], finds: number[]]> = [
  [['4'], ['id'], [4]],
  [['4'], ['id', 'username'], [4, 12]],
  [['12'], ['username', 'id'], [12, 40]],
  [['12', '4'], ['username', 'id'], [12]],
  [['12', 'bob'], ['username', 'id'], [40]],
  [['4', 'ada'], ['username', 'id'], [4]],
  [['ada'], ['id'], []],
  [['04'], ['id'], []],
  [['4.0'], ['id'], []],
  [['4e0'], ['id'], []],
  [['99999999999999999999'], ['id', 'username'], []],
  [['-1'], ['id'], []],
  [['a_'], ['id', 'username'], [120]],
  [['4', 'nobody'], ['id'], []],
  [[], ['id'], [4, 12, 40, 120]]
]

async function suite (t: Test, users: any, create?: () => Promise<unknown>): Promise<void> {
  await create?.()
  for (const [terms, fields, finds] of SEARCHES) {
    for (const lookup of ['icontains', 'exact'] as const) {
      if (lookup === 'exact' && fields.includes('username')) continue
      const query = { terms, fields, lookup, pageSize: 10, countLimit: 10 }
      const found = await users.findPage(query)
      t.same([found.users.map(({ id }: any) => Number(id)), found.count], [finds, finds.length], `${terms} in ${fields}, ${lookup}`)
    }
  }
}

t.test('memoryUsers', async t => await suite(t, memoryUsers(everyone)))
for (const [name, open, isSkipped] of [
  ['SQLite', sqliteClient, false], ['PostgreSQL', postgresClient, (await needsPostgresql()).skip], ['MariaDB', mariadbClient, (await needsMariadb()).skip]
] as const) {
  t.test(name, { skip: isSkipped }, async t => {
    const client: any = await open(t)
    await suite(t, prismaUsers(client.user), async () => await client.user.createMany({ data: everyone }))
    await suite(t, prismaUsers(client.account), async () => await client.account.createMany({ data: everyone.map(user => ({ ...user, id: BigInt(user.id) })) }))
    if (name !== 'PostgreSQL') return
    await suite(t, prismaUsers(client.user, { table: 'User' }))
    await client.$executeRawUnsafe('ALTER TABLE "User" ALTER COLUMN id TYPE smallint')
    for (const users of [prismaUsers<any>(client.user), prismaUsers<any>(client.user, { table: 'User' })]) {
      await client.user.create({ data: { id: 5, username: 'no 99999' } })
      await suite(t, { findPage: async (query: any) => await users.findPage({ ...query, scope: { id: { not: 5 } } }) })
      const query = { fields: ['id', 'username'], lookup: 'icontains', pageSize: 10, countLimit: 10 } as const
      for (const [terms, part, finds] of [
        [['99999'], {}, [5]], [['99999'], { after: '4' }, [5]], [['99999'], { after: '99999' }, []], [['99999', '99998'], {}, []]
      ] as const) t.same((await users.findPage({ ...query, terms, ...part })).users.map(({ id }: any) => id), finds)
      t.match(await users.findPage({ ...query, fields: ['id'], terms: ['99999'] }), { users: [], count: 0 })
      await client.user.delete({ where: { id: 5 } })
    }
  })
}

t.test('a number is one as it is written, and as its field can hold it', async t => {
  for (const [term, ...numbers] of [
    ['4', 4, 4n, 4, '4'], ['0', 0, 0n, 0, '0'], ['-4', -4, -4n, -4, '-4'], ['4.5', null, null, 4.5, '4.5'], ['-0.25', null, null, -0.25, '-0.25'],
    ['2147483648', null, 2147483648n, 2147483648, '2147483648'], ['9223372036854775808', null, null, null, '9223372036854775808'],
    ['0.1234567890123456789', null, null, null, '0.1234567890123456789'],
    ...['', '04', '4.0', '4.', '.5', '-0', '+4', '1e3', '0x4', ' 4', 'NaN', 'Infinity', '4,5', '४'].map(none => [none, null, null, null, null])
  ]) t.same((['Int', 'BigInt', 'Float', 'Decimal'] as const).map(type => parseNumber(String(term), type)), numbers, String(term))
  class Decimal {
    get [Symbol.toStringTag] () { return '[object Decimal]' }
    toString () { return '4.5' }
  }
  const users = memoryUsers<any>([{ id: 1, price: new Decimal() }, { id: 2, price: 4.5 }, { id: 3, price: '4.5' }, { id: 4, price: 4n }, { id: 5, price: { toString: () => '4.5' } }])
  t.same((await users.findPage({ terms: ['4.5'], fields: ['price'], lookup: 'exact', pageSize: 9, countLimit: 9 })).users.map(({ id }) => id), [1, 2, 3])
})

t.test('Prisma is asked for a number of the field\'s type, and for none where a word is none', async t => {
  const asked: unknown[] = []
  const model = {
    fields: { id: { typeName: 'Int' }, name: { typeName: 'String' }, price: { typeName: 'Decimal' }, score: { typeName: 'Float' }, big: { typeName: 'BigInt' }, many: { typeName: 'Int', isList: true } },
    findFirst: async () => null,
    findMany: async (args: any) => { asked.push(args.where.AND[0].OR); return [] },
    count: async () => 0
  }
  const users = prismaUsers<any>(model, { provider: 'postgresql' })
  t.same(users.numberFields, ['id', 'big', 'score', 'price'])
  const query = { fields: ['id', 'price', 'score', 'big', 'name'], lookup: 'exact', pageSize: 1, countLimit: 1 } as const
  for (const term of ['4', '4.5', 'a']) await users.findPage({ ...query, terms: [term] })
  t.same(asked, [
    [{ id: { equals: 4 } }, { price: { equals: '4' } }, { score: { equals: 4 } }, { big: { equals: 4n } }, { name: { equals: '4' } }],
    [{ price: { equals: '4.5' } }, { score: { equals: 4.5 } }, { name: { equals: '4.5' } }],
    [{ name: { equals: 'a' } }]
  ])
})

t.test('where a column cannot hold a number, its word is sought in the texts', async t => {
  const model = {
    fields: { id: { typeName: 'Int' }, name: { typeName: 'String' } },
    findFirst: async () => null,
    findMany: async (args: any) => {
      if (/:99999[,}]/.test(JSON.stringify(args.where))) throw Object.assign(new Error('out of range for type smallint'), { code: 'P2020' })
      return [{ id: 4, name: '99999' }]
    },
    count: async () => 1
  }
  const users = prismaUsers<any>(model, { provider: 'postgresql' })
  const query = { terms: ['99999'], lookup: 'exact', pageSize: 1, countLimit: 1 } as const
  t.match(await users.findPage({ ...query, fields: ['id', 'name'] }), { users: [{ id: 4 }] })
  t.match(await users.findPage({ ...query, fields: ['id'] }), { users: [], count: 0 })
  await t.rejects(users.findPage({ ...query, fields: ['name'], scope: { id: 99999 } }), { code: 'P2020' })
  await t.rejects(users.findPage({ ...query, fields: ['name'], terms: [], scope: { id: 99999 } }), { code: 'P2020' })
})

t.test('the pages search number fields, show them, and mark all of a number', async t => {
  const client = await sqliteClient(t)
  await client.user.createMany({ data: people() })
  for (const users of [prismaUsers<any>(client.user), memoryUsers<any>(people())]) {
    const app = await build(t, { users, searchFields: ['username', 'id'] })
    const sam = browser(app)
    await sam.signIn(2)
    t.match((await sam.getJson('/impersonate/search/?q=3')).json(), { users: [{ id: '3', username: 'carl' }] })
    t.match((await sam.getJson('/impersonate/search/?q=33')).json(), { users: [], paginator: { count: 0 } })
    t.match((await sam.send({ method: 'GET', url: '/impersonate/search/?q=3', headers: { accept: 'text/html' } })).body, /<mark>3<\/mark>/)
  }
  const numbered = memoryUsers<any>([...people(), { ...person(9, 'nick'), number: 31 }])
  const app = await build(t, { users: numbered, searchFields: ['username', 'number'] })
  const sam = browser(app)
  await sam.signIn(2)
  t.match((await sam.getJson('/impersonate/search/?q=31')).json(), { users: [{ id: '9', number: '31' }] })
  t.match((await sam.getJson('/impersonate/search/?q=carl')).json(), { users: [{ id: '3', number: null }] })
})

t.test('a field that is neither text nor number, or is nowhere, is no search field', async t => {
  class Account {
    id = 7
    isStaff = true
    name = 'ada'
    email = null
    get login () { throw new Error('not to be read at start-up') }
    rename () {}
  }
  const client = await sqliteClient(t)
  const fits = async (users: any, field: string) => {
    return await build(t, { users, searchFields: [field], isSuperuser: () => false }).then(() => true, error => {
      t.match(error, { code: 'FST_IMPERSONATE_INVALID_OPTION', message: /"searchFields" takes text and number fields of the user model \(/ })
      return false
    })
  }
  for (const users of [memoryUsers([new Account(), { id: 8, isStaff: false, size: 4n, team: {} } as never]), memoryUsers<any>([new Account(), { id: 8, size: 4, team: null, isStaff: null }])]) {
    for (const field of ['id', 'name', 'email', 'login', 'size']) t.ok(await fits(users, field), field)
    for (const field of ['nam', 'isStaff', 'rename', 'constructor', 'toString', '__proto__']) t.notOk(await fits(users, field), field)
  }
  for (const field of ['id', 'username']) t.ok(await fits(prismaUsers(client.user), field))
  for (const field of ['isStaff', 'nam']) t.notOk(await fits(prismaUsers(client.user), field))
  t.ok(await fits(memoryUsers([]), 'nam'), 'nobody is there yet')
  const live: object[] = []
  const users = memoryUsers<any>(live as never)
  t.equal(users.textFields, undefined)
  live.push(Object.assign(Object.create(null), { id: 1, name: 'ada' }))
  t.same([users.textFields, users.numberFields], [['name'], ['id']])
})
