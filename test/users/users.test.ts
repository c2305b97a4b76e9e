import Fastify from 'fastify'
import t from 'tap'
import { memoryUsers, prismaUsers } from '../../dist/index.js'
import { testUserSource } from '../../dist/lib/testing/index.js'
import { createPeople } from '../../dist/lib/options/people.js'
import type { LookupType } from '../../dist/lib/types/index.js'
import { createUsers } from '../../dist/lib/users/load.js'
import { sqliteClient } from '../kit/prisma.js'
import { bigint, int, sqliteBigint, string, testPrismaUsers } from './prisma-users.suite.js'

/** What there is to log is tested in first-contact.test.ts. */
const silent = Fastify().log
for (const [type, id] of Object.entries<(number: number) => any>({ string, int, bigint })) {
  t.test(`memoryUsers with ${type} ids`, async t => {
    await testUserSource({
      test: async (name, work) => await t.test(name, work),
      id,
      create: async users => ({ source: memoryUsers(users), only: (ids: readonly string[]) => (user: { id: unknown }) => ids.includes(String(user.id)), wrongScopes: [{ id: 1 }, {}, null, false] as never[] })
    })
  })
}

testPrismaUsers(t, { name: 'SQLite', open: sqliteClient, foldsUnicode: false, bigId: sqliteBigint })

t.test('prismaUsers knows the text fields of its model', async t => {
  const prisma = await sqliteClient(t)
  t.same(prismaUsers(prisma.member).textFields, ['id', 'username', 'firstName', 'lastName', 'email'])
})

t.test('prismaUsers refuses what is no model, and a field that is no id', async t => {
  const prisma = await sqliteClient(t)
  for (const wrong of [() => prismaUsers({}), () => prismaUsers(null as never), () => prismaUsers(prisma.user, { idField: 'uuid' }), () => prismaUsers(prisma.user, { idField: 'isStaff' })]) {
    t.throws(wrong, { code: 'FST_IMPERSONATE_INVALID_OPTION' })
  }
})

t.test('prismaUsers takes another id field, its type and the provider', async t => {
  const prisma = await sqliteClient(t)
  await prisma.user.create({ data: { username: 'ada' } })
  const users = prismaUsers(prisma.user, { idField: 'username', idType: 'string', provider: 'sqlite' })
  t.match(await users.findById('ada'), { id: 1 })
  t.equal(await users.findById('1'), null)
})

t.test('a model whose client cannot be seen is searched without what SQLite lacks', async t => {
  const prisma = await sqliteClient(t)
  await prisma.user.create({ data: { username: 'ada' } })
  const { fields } = prisma.user
  const bare = {
    fields,
    findFirst: async (args: any) => await prisma.user.findFirst(args),
    findMany: async (args: any) => await prisma.user.findMany(args),
    count: async (args: any) => await prisma.user.count(args)
  }
  const found = await prismaUsers(bare).findPage({ terms: ['ADA'], fields: ['username'], lookup: 'icontains', pageSize: 10, countLimit: 10 })
  t.equal(found.count, 1)
})

t.test('a cursor that is no id finds nobody and still counts', async t => {
  const prisma = await sqliteClient(t)
  await prisma.user.create({ data: { username: 'ada' } })
  const query = { terms: [], fields: ['username'], lookup: 'icontains', pageSize: 10, countLimit: 10 } as const
  for (const cursor of [{ after: 'rubbish' }, { before: 'rubbish' }]) t.match(await prismaUsers(prisma.user).findPage({ ...query, ...cursor }), { users: [], count: 1 })
  const inMemory = memoryUsers([{ id: 1, username: 'ada' }])
  t.equal((await inMemory.findPage({ ...query, after: 'rubbish' })).count, 1)
})

t.test('on SQLite what only the process can tell is found behind many that only look alike', async t => {
  const prisma = await sqliteClient(t)
  await prisma.user.createMany({ data: Array.from({ length: 1203 }, (_, index) => ({ username: index % 400 === 1 ? 'a_b' : 'axb' })) })
  const users = prismaUsers(prisma.user)
  const query = { terms: ['a_b'], fields: ['username'], lookup: 'icontains', pageSize: 2, countLimit: 100 } as const
  const ids = async (more: object) => (await users.findPage({ ...query, ...more })).users.map(({ id }) => id)
  t.same(await ids({}), [2, 402])
  t.same(await ids({ page: 2 }), [802, 1202])
  t.same(await ids({ before: '1203' }), [802, 1202])
  t.equal((await users.findPage(query)).count, 4)
})

t.test('what a page tells of how many there are is not counted again: it may be a scan', async t => {
  const prisma = await sqliteClient(t)
  await prisma.user.createMany({ data: Array.from({ length: 9 }, (_, index) => ({ username: `user${index}` })) })
  const counts: Array<object | undefined> = []
  const users = prismaUsers(new Proxy(prisma.user, {
    get (model, name) {
      return name === 'count' ? async (args: any) => { counts.push(args.where.AND.at(-1).OR); return await model.count(args) } : Reflect.get(model, name)
    }
  }))
  const query = { terms: [], fields: ['username'], lookup: 'icontains', pageSize: 5, countLimit: 100 } as const
  const countsOf = async (more: object) => {
    counts.length = 0
    t.equal((await users.findPage({ ...query, ...more })).count, 9)
    return [...counts]
  }
  t.same(await countsOf({ pageSize: 9 }), [])
  t.same(await countsOf({ page: 2 }), [])
  t.same(await countsOf({}), [[{ id: { gt: 6 } }]])
  t.same(await countsOf({ after: '2', pageSize: 2 }), [[{ id: { lt: 3 } }, { id: { gt: 5 } }]])
  t.same(await countsOf({ before: '4' }), [[{ id: { gt: 3 } }]])
  t.same(await countsOf({ before: '8' }), [[{ id: { lt: 2 } }, { id: { gt: 7 } }]])
  counts.length = 0
  t.match(await users.findPage({ ...query, terms: ['nobody'] }), { users: [], count: 0, countIsExact: true })
  t.match(await users.findPage({ ...query, countLimit: 5 }), { count: 5, countIsExact: false })
  t.same(counts, [])
})

t.test('memoryUsers reads its array live', async t => {
  const everyone = [{ id: 1 }]
  const users = memoryUsers(everyone)
  everyone.push({ id: 2 })
  t.same(await users.findById('2'), { id: 2 })
})

t.test('memoryUsers sorts ids of several types', async t => {
  const users = memoryUsers<any>([{ id: 'b' }, { id: 10 }, { id: 'a' }, { id: 9n }])
  const page = await users.findPage({ terms: [], fields: [], lookup: 'exact', pageSize: 10, countLimit: 10 })
  t.same(page.users.map(({ id }) => String(id)).toSorted(), ['10', '9', 'a', 'b'])
})

t.test('the plugin takes only what is a user, and the one it asked for', async t => {
  const source = (findById: () => unknown, findPage: () => unknown = () => null) =>
    createUsers({ ...createPeople({}), users: { findById, findPage }, timeout: 50, customUserQueryset: undefined } as never, silent)
  t.equal(await source(async () => undefined).find('4'), null)
  t.equal(await source(async () => null).find('4'), null)
  t.equal(await source(async () => ({ id: 5 })).find('4'), null)
  t.same(await source(async () => ({ id: 4 })).find('4'), { id: 4 })
  for (const rubbish of ['ada', 4, [], true]) await t.rejects(source(async () => rubbish).find('4'), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
  await t.rejects(source(async () => ({})).find('4'), { code: 'FST_IMPERSONATE_UNAVAILABLE' }, 'a user without an id')
  for (const rubbish of [null, {}, { users: [null] }, { users: [] }, { users: [], count: '1' }, { users: [], count: 1 }]) {
    await t.rejects(source(() => null, async () => rubbish).page({} as never), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
  }
  t.same(await source(() => null, async () => ({ users: [], count: 0, hasNext: false })).page({} as never), { users: [], count: 0, hasNext: false })
})

t.test('on PostgreSQL the wildcards of LIKE are escaped, where LIKE is used', async t => {
  const asked: any[] = []
  const model = {
    fields: { id: { typeName: 'Int' }, name: { typeName: 'String' }, tags: { typeName: 'String', isList: true } },
    findFirst: async () => null,
    findMany: async (args: any) => { asked.push(args.where.AND[0].OR[0].name); return [] },
    count: async () => 0
  }
  const users = prismaUsers(model, { provider: 'postgresql' })
  t.same(users.textFields, ['name'])
  for (const lookup of ['exact', 'iexact', 'contains', 'istartswith'] as const) {
    await users.findPage({ terms: ['a\\%_'], fields: ['name'], lookup, pageSize: 1, countLimit: 1 })
  }
  const escaped = 'a\\\\\\%\\_'
  t.same(asked, [{ equals: 'a\\%_' }, { equals: escaped, mode: 'insensitive' }, { contains: escaped }, { startsWith: escaped, mode: 'insensitive' }])
})

t.test('on PostgreSQL a search of a named table is asked in SQL', async t => {
  const people = [{ id: 1, name: 'a' }, { id: 2, name: 'b' }, { id: 3, name: 'c' }]
  let answer: unknown = [{ count: 2n, ids: ['1', '3'] }]
  let asked: unknown[] = []
  let byPrisma: any[] = []
  const model = {
    fields: { id: { typeName: 'Int' }, name: { typeName: 'String' }, nick: { typeName: 'String' } },
    findFirst: async () => null,
    findMany: async ({ where: { AND: [condition] } }: any) => {
      byPrisma.push(condition)
      return condition?.id === undefined ? people : people.filter(({ id }) => condition.id.in.includes(id))
    },
    count: async (args: unknown) => { byPrisma.push(args); return 5 },
    $parent: { $queryRawUnsafe: async (sql: string, ...values: unknown[]): Promise<unknown> => { asked = [sql.replace(/\s+/g, ' '), ...values]; return answer } }
  }
  const users = prismaUsers<any>(model, { provider: 'postgresql', table: 'app.the "users"', columns: { id: 'key', name: 'full_name' } })
  const query = { terms: ['a\\%_\'"', 'b'], fields: ['name', 'nick'], lookup: 'icontains', pageSize: 1, countLimit: 9 } as const
  const find = async (more: object = {}) => {
    asked = []
    byPrisma = []
    const { users: found, ...rest } = await users.findPage({ ...query, ...more })
    return { ids: found.map(({ id }) => id), ...rest }
  }
  const sql = (conditions: string, part: string) => `WITH found AS (SELECT "key" AS id FROM "app"."the ""users""" WHERE ${conditions} AND ${conditions} LIMIT 3001) ` +
    `SELECT (SELECT count(*) FROM found) AS count, ARRAY(SELECT found.id::text FROM found ${part}) AS ids`

  t.same(await find(), { ids: [1], hasNext: true, hasPrevious: false, count: 2, countIsExact: true })
  t.same(asked, [sql('("full_name" ILIKE $1 OR "nick" ILIKE $1) AND ("full_name" ILIKE $2 OR "nick" ILIKE $2)', 'ORDER BY found.id asc LIMIT 2 OFFSET 0'), '%a\\\\\\%\\_\'"%', '%b%'])
  t.same(byPrisma, [{ id: { in: [1, 3] } }], 'the rows alone')

  const one = '("nick" ILIKE $1)'
  for (const [part, after, ...value] of [
    [{ page: 3 }, 'ORDER BY found.id asc LIMIT 2 OFFSET 2'], [{ after: '7' }, 'WHERE found.id > $2 ORDER BY found.id asc LIMIT 2 OFFSET 0', 7], [{ before: '7' }, 'WHERE found.id < $2 ORDER BY found.id desc LIMIT 2 OFFSET 0', 7]
  ] as const) {
    await find({ terms: ['_'], fields: ['nick'], ...part })
    t.same(asked, [sql(one, after), '%\\_%', ...value])
  }
  t.match(await find({ page: 2 ** 40 }), { ids: [], count: 2 }, 'a page that no database takes')
  t.match(await find({ after: 'rubbish' }), { ids: [], count: 2 })

  for (const [lookup, operator, pattern] of [
    ['exact', '=', '_'], ['iexact', 'ILIKE', '\\_'], ['contains', 'LIKE', '%\\_%'], ['startswith', 'LIKE', '\\_%'], ['iendswith', 'ILIKE', '%\\_']
  ] as const) {
    await find({ terms: ['_'], fields: ['nick'], lookup })
    t.same(asked, [sql(`("nick" ${operator} $1)`, 'ORDER BY found.id asc LIMIT 2 OFFSET 0'), pattern])
  }

  for (const [term, fields, conditions, ...values] of [
    ['12', ['nick', 'id'], '("nick" ILIKE $1 OR "key" = $2)', '%12%', 12], ['x', ['nick', 'id'], '("nick" ILIKE $1)', '%x%'], ['12', ['id'], '("key" = $1)', 12]
  ] as const) {
    await find({ terms: [term], fields })
    t.same(asked, [sql(conditions, 'ORDER BY found.id asc LIMIT 2 OFFSET 0'), ...values], `a number, where ${term} is one`)
  }

  await t.test('of more than it looks at, the page is found along the primary key', async t => {
    answer = [{ count: 3001n, ids: ['2999'] }]
    t.match(await find(), { ids: [1], count: 9, countIsExact: false })
    t.match(byPrisma, [{ OR: [{ name: { contains: String } }] }])
    await find({ countLimit: 5000 })
    t.match(asked[0], 'LIMIT 5002)', 'and it looks at as many as are counted')
  })

  await t.test('what an extension of the client hides is hidden', async t => {
    answer = [{ count: 2n, ids: ['1', '4'] }]
    t.match(await find(), { ids: [1], count: 5 })
    t.equal(byPrisma.length, 3)
  })

  await t.test('the list, a scope and another database are asked by Prisma', async t => {
    t.match(await find({ terms: [] }), { count: 5 })
    t.match(await find({ scope: { id: { in: [1] } } }), { count: 5 })
    t.match(await find({ terms: ['\0'] }), { ids: [], count: 0 })
    await prismaUsers<any>(model, { provider: 'mysql', table: 'users' }).findPage(query)
    t.same(asked, [])
    t.throws(() => prismaUsers(model, { provider: 'postgresql', table: '' }), { code: 'FST_IMPERSONATE_INVALID_OPTION', message: /"table" takes a non-empty string/ })
    t.throws(() => prismaUsers({ ...model, $parent: undefined }, { provider: 'postgresql', table: 'users' }), { code: 'FST_IMPERSONATE_INVALID_OPTION', message: /"table"/ })
  })

  await t.test('an answer that is none is refused', async t => {
    for (const wrong of ['rubbish', [], [{ count: 1n }], [{ count: '1', ids: [] }]]) {
      answer = wrong
      await t.rejects(find(), { message: /something else/ })
    }
  })
})

t.test('on MySQL and MariaDB the wildcards of LIKE are escaped, and letters are told apart in process', async t => {
  const asked: any[] = []
  const rows = [{ id: 'a', name: 'É' }, { id: 'b', name: 'e' }, { id: 'c', name: 'é' }]
  const model = {
    fields: { id: { typeName: 'String' }, name: { typeName: 'String' } },
    // Their collations find what differs in case, accents or spaces at the end.
    findFirst: async () => rows[0],
    findMany: async (args: any) => { asked.push(args.where.AND[0]?.OR[0].name); return rows },
    count: async () => rows.length
  }
  const users = prismaUsers<any>(model, { provider: 'mysql' })
  const find = async (term: string, lookup: LookupType) => (await users.findPage({ terms: [term], fields: ['name'], lookup, pageSize: 9, countLimit: 9 })).users.map((user: any) => user.id).join('')
  t.equal(await find('É', 'icontains'), 'ac')
  t.equal(await find('É', 'exact'), 'a')
  await find('a\\%_', 'endswith')
  t.same(asked, [{ contains: 'É' }, { equals: 'É' }, { endsWith: 'a\\\\\\%\\_' }])
  t.equal((await users.findPage({ terms: [], fields: ['name'], lookup: 'icontains', pageSize: 9, countLimit: 9 })).count, 3)
  t.same(await users.findById('a'), rows[0])
  t.equal(await users.findById('A'), null)
  t.equal(await users.findById('a '), null)
})
