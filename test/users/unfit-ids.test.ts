import t, { type Test } from 'tap'
import { prismaUsers } from '../../dist/index.js'
import { prismaLog } from '../../dist/lib/log/prisma/log.js'
import { browser, build } from '../kit/build.js'
import { openLog, row } from '../kit/database.js'
import { needsPostgresql } from '../kit/postgres.js'
import { postgresClient, sqliteClient } from '../kit/prisma.js'

const uuid = (number: number) => `0190c0de-0000-7000-8000-${String(number).padStart(12, '0')}`
const UNFIT = ['x', 'not-a-uuid', '17', `${uuid(2)}0`, '0190c0de']

/** A model whose ids' column takes nothing but uuids, and says so as Prisma says it of PostgreSQL; with what was asked. */
function uuidColumn (model: any, error: object = { code: 'P2007' }, asked: string[] = []): any {
  return new Proxy(model, {
    get (target, name) {
      const method = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (args: any) => {
        asked.push(String(name))
        const ids = [...JSON.stringify(args.where ?? {}).matchAll(/"id":(\{"\w+":)?(\[.*?\]|".*?")/g)].flatMap(([, , value]) => JSON.parse(value ?? ''))
        if (ids.some(id => !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(id))) throw Object.assign(new Error('invalid input syntax for type uuid'), error)
        return await method.call(target, args)
      }
    }
  })
}

async function fill (client: any): Promise<void> {
  await client.member.createMany({
    data: [
      { id: uuid(1), username: 'ada', isSuperuser: true }, { id: uuid(2), username: 'sam', isStaff: true },
      { id: uuid(3), username: 'carl' }, { id: uuid(4), username: 'cleo' }
    ]
  })
}

async function suite (t: Test, client: any, member: any, prisma: any): Promise<void> {
  const users = prismaUsers<any>(member)
  const app = await build(t, {
    users,
    ...prisma === undefined ? {} : { prisma },
    after: app => { app.get('/plain', async ({ user }) => ({ user: user?.id ?? null })) }
  })
  const as = async (id: string) => {
    const person = browser(app)
    await person.signIn(id as never)
    return person
  }

  await t.test('is nobody to a start, and a page of none to a list', async t => {
    const sam = await as(uuid(2))
    for (const id of UNFIT) {
      t.match((await sam.postJson(`/impersonate/${id}/`)).json(), { statusCode: 404, code: 'FST_IMPERSONATE_TARGET_NOT_FOUND' })
      for (const part of ['after', 'before']) {
        for (const page of ['list/?', 'search/?q=c&']) {
          const answer = await sam.getJson(`/impersonate/${page}${part}=${id}`)
          t.match([answer.statusCode, answer.json().users], [200, []], `${page}${part}=${id}`)
          t.equal(answer.json().paginator.count, page === 'list/?' ? 4 : 2)
        }
      }
      t.match((await sam.getJson(`/impersonate/list/?after=${uuid(2)}`)).json(), { users: [{ id: uuid(3) }, { id: uuid(4) }] })
    }
    t.equal((await sam.postJson(`/impersonate/${uuid(3)}/`)).statusCode, 201)
    t.equal((await sam.getJson('/who')).json().user, uuid(3))
  })

  await t.test('fails no request beside it', async t => {
    const good = await Promise.all([1, 2, 3, 4].map(async number => await as(uuid(number))))
    const bad = await Promise.all(UNFIT.map(async id => await as(id)))
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all([...good, ...bad, ...good].map(async person => await person.getJson('/plain')))
      t.same(answers.map(answer => answer.statusCode), answers.map(() => 200))
      const expected = [1, 2, 3, 4].map(uuid)
      t.same(answers.map(answer => answer.json().user), [...expected, ...UNFIT.map(() => null), ...expected])
    }
  })

  await t.test('is nobody beside a scope, and a scope that cannot be asked is no id that is none', async t => {
    const scope = { username: { not: 'cleo' } }
    t.equal((await users.findById(uuid(3), scope))?.username, 'carl')
    for (const id of UNFIT) t.equal(await users.findById(id, scope), null)
    const query = { terms: [], fields: ['username'], lookup: 'icontains', pageSize: 2, countLimit: 10 } as const
    for (const wrong of [{ OR: [{ id: 'x' }] }, { id: { not: 'x' } }]) {
      await t.rejects(users.findById(uuid(3), wrong))
      await t.rejects(users.findPage({ ...query, scope: wrong }))
      await t.rejects(users.findPage({ ...query, scope: wrong, after: uuid(1) }))
      await t.rejects(users.findPage({ ...query, scope: wrong, after: 'x' }))
    }
    t.match(await users.findPage({ ...query, scope, after: 'x' }), { users: [], count: 3, hasNext: false })
    t.match(await users.findPage({ ...query, scope, before: 'x' }), { users: [], count: 3, hasPrevious: false })
  })
}

t.test('an id that the column cannot hold', async t => {
  const client = await sqliteClient(t)
  await fill(client)
  await suite(t, client, uuidColumn(client.member), undefined)
})

t.test('an id that a column of PostgreSQL cannot hold', { skip: (await needsPostgresql()).skip }, async t => {
  const client: any = await postgresClient(t)
  for (const [table, column, type] of [['Member', 'id', 'uuid'], ['ImpersonationLog', 'id', 'uuid'], ['User', 'id', 'smallint']]) {
    await client.$executeRawUnsafe(`ALTER TABLE "${table}" ALTER COLUMN "${column}" TYPE ${type} USING "${column}"::${type}`)
  }
  await fill(client)
  await suite(t, client, client.member, client)

  await t.test('a smallint', async t => {
    await client.user.createMany({ data: [{ id: 1, username: 'ada' }, { id: 2, username: 'bob' }] })
    for (const users of [prismaUsers<any>(client.user), prismaUsers<any>(client.user, { table: 'User' })]) {
      const ids = ['1', '99999', '2', '-40000', '2147483647']
      t.same(await Promise.all(ids.map(async id => (await users.findById(id))?.username ?? null)), ['ada', null, 'bob', null, null])
      for (const terms of [[], ['b']]) {
        const query = { terms, fields: ['username'], lookup: 'icontains', pageSize: 2, countLimit: 10 } as const
        for (const part of [{ after: '99999' }, { before: '99999' }]) {
          t.match(await users.findPage({ ...query, ...part }), { users: [], count: 2 - terms.length })
        }
      }
    }
  })

  await t.test('an id of a log entry', async t => {
    const log = prismaLog(client)
    const entry = row({ id: uuid(9) })
    await log.add(entry)
    t.same((await Promise.all([uuid(9), 'not-an-id', uuid(9), uuid(8)].map(async id => await log.findById(id)))).map(found => found?.id), [uuid(9), undefined, uuid(9), undefined])
    const app = await build(t, { prisma: client, users: prismaUsers<any>(client.member) })
    const ada = browser(app)
    await ada.signIn(uuid(1) as never)
    t.equal((await ada.getJson('/impersonate/log/not-an-id/')).statusCode, 404)
    t.equal((await ada.getJson(`/impersonate/log/${uuid(9)}/`)).statusCode, 200)
    t.equal((await ada.send({ method: 'DELETE', url: '/impersonate/sessions/not-an-id/', headers: { accept: 'application/json' } })).statusCode, 404)
  })
})

t.test('an id of a log entry that the column cannot hold is none, and fails no other', async t => {
  const client = await openLog(t)
  const log = prismaLog({ impersonationLog: uuidColumn(client.impersonationLog), $transaction: async () => [] })
  await client.impersonationLog.create({ data: row({ id: uuid(9) }) })
  t.same((await Promise.all([uuid(9), 'not-an-id', uuid(9)].map(async id => await log.findById(id)))).map(found => found?.id), [uuid(9), undefined, uuid(9)])
})

t.test('each way in which Prisma says it is understood, and no other failure is taken for it', async t => {
  const client = await sqliteClient(t)
  await fill(client)
  const query = { terms: [], fields: ['username'], lookup: 'icontains', pageSize: 2, countLimit: 10, after: 'x' } as const
  for (const error of [
    { code: 'P2007' }, { code: 'P2020' }, { code: 'P2023' }, { code: '22P02' }, { code: '22003' }, { code: 'P2010', meta: { code: '22P02' } },
    { code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '22003' } } } }
  ]) {
    const users = prismaUsers<any>(uuidColumn(client.member, error))
    t.equal(await users.findById('x'), null)
    t.equal(await users.findById('x', {}), null)
    t.match(await users.findPage(query), { users: [], count: 4 })
  }
  const users = prismaUsers<any>(uuidColumn(client.member, { code: 'P1001' }))
  await t.rejects(users.findById('x'), { code: 'P1001' })
  await t.rejects(users.findById('x', {}), { code: 'P1001' })
  await t.rejects(users.findPage(query), { code: 'P1001' })
  const log = prismaLog({ impersonationLog: uuidColumn((await openLog(t)).impersonationLog, { code: 'P1001' }), $transaction: async () => [] })
  await t.rejects(log.findById('x'), { code: 'P1001' })
})
