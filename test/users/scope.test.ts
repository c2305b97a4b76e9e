import t, { type Test } from 'tap'
import { memoryUsers, prismaUsers } from '../../dist/index.js'
import type { UserSource } from '../../dist/lib/types/index.js'
import { browser, build, people, person } from '../kit/build.js'
import { sqliteClient } from '../kit/prisma.js'

const carl = person(3, 'carl')

class Team {
  get email () { return 'carl@example.com' }
}

/** What lets everybody through where it is taken for a `where`. */
const NO_WHERE: Array<[name: string, scope: unknown, told: RegExp]> = [
  ['undefined', undefined, /returned nothing/],
  ['null', null, /returned nothing/],
  ['false', false, /returned false/],
  ['an empty text', '', /returned an empty text/],
  ['a text', 'carl@example.com', /returned a text/],
  ['zero', 0, /returned a number/],
  ['NaN', NaN, /returned a number/],
  ['a promise of zero', Promise.resolve(0), /returned a number/],
  ['a predicate', () => true, /returned a function.*takes a where/],
  ['a list', [{ id: 3 }], /returned a list/],
  ['a Map', new Map([['id', 3]]), /returned an instance of Map/],
  ['a Date', new Date(), /returned an instance of Date/],
  ['an instance with getters', new Team(), /returned an instance of Team/],
  ['what only inherits', Object.create({ email: 'carl@example.com' }), /returned an instance of Object/],
  ['undefined inside', { email: undefined }, /undefined at "email"/],
  ['undefined deeper', { id: { in: undefined } }, /undefined at "id\.in"/],
  ['undefined in a list', { AND: [{ isStaff: false }, { OR: [{ id: 3 }, { email: undefined }] }] }, /undefined at "AND\.1\.OR\.1\.email"/],
  // eslint-disable-next-line no-sparse-arrays
  ['a list with a hole', { OR: [, { id: 3 }] }, /undefined at "OR\.0"/],
  ['undefined beside null', Object.assign(Object.create(null), { firstName: null, email: undefined }), /undefined at "email"/],
  ['a Map inside', { AND: new Map([['id', 3]]) }, /an instance of Map at "AND"/],
  ['an instance with getters inside', { NOT: [new Team()] }, /an instance of Team at "NOT\.0"/],
  ['an instance whose JSON is an object', { email: { equals: new (class Mail { toJSON () { return {} } })() } }, /an instance of Mail at "email\.equals"/],
  ['what has no class', { email: Object.create(Object.create(null)) }, /an instance of something at "email"/],
  ['a function inside', { email: () => 'carl@example.com' }, /a function at "email"/],
  ['a symbol inside', { email: Symbol('carl') }, /a symbol at "email"/]
]

const NO_PREDICATE: typeof NO_WHERE = [
  ...NO_WHERE.filter(([name, scope]) => typeof scope !== 'function' && name !== 'a list').slice(0, 10),
  ['a where', { id: 3 }, /returned an object.*takes a function/],
  ['an empty where', {}, /returned an object.*takes a function/]
]

/** Everything that asks for a scope, of sam, who may impersonate carl as long as it is all right. */
async function everyPath (t: Test, users: UserSource<any, any>, all: unknown) {
  const lines: string[] = []
  let scope: unknown = all
  const app = await build(t, {
    users,
    customUserQueryset: () => scope,
    server: { logger: { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } } },
    after: app => {
      app.get('/link', async request => await app.impersonate.link(request, carl))
      app.get('/allowed', async request => await app.impersonate.isAllowedFor(request, carl))
    }
  })
  const [sam, seeing] = [browser(app), browser(app)]
  return {
    lines,
    async statuses (now: unknown) {
      scope = all
      for (const person of [sam, seeing]) await person.signIn(2)
      t.equal((await seeing.postJson('/impersonate/3/')).statusCode, 201)
      scope = now
      const list = await sam.getJson('/impersonate/list/')
      const search = await sam.getJson('/impersonate/search/?q=carl')
      const link = await sam.getJson('/link')
      const allowed = await sam.getJson('/allowed')
      const started = await sam.postJson('/impersonate/3/')
      const recognised = await seeing.getJson('/who')
      scope = all
      await seeing.postJson('/impersonate/stop/')
      await sam.postJson('/impersonate/stop/')
      return {
        statuses: [list, search, link, allowed, started, recognised].map(({ statusCode }) => statusCode),
        found: [list, search].map(({ statusCode, body }) => statusCode === 200 ? JSON.parse(body).users.map(({ id }: { id: string }) => id).join() : null),
        link: link.body,
        allowed: allowed.body
      }
    }
  }
}

/** What the server's log says of the option. */
function reported (lines: readonly string[], told: RegExp): string[] {
  return lines.map(line => String(JSON.parse(line).msg))
    .filter(message => message.startsWith('fastify-impersonate: "customUserQueryset" returned') && told.test(message))
}

async function prismaPeople (t: Test) {
  const client = await sqliteClient(t)
  await client.user.createMany({ data: people() })
  return { client, users: prismaUsers(client.user) }
}

t.test('a where that is none, or leaves something out, is refused wherever it is asked for', async t => {
  const { users } = await prismaPeople(t)
  const { lines, statuses } = await everyPath(t, users, {})
  for (const [name, scope, told] of NO_WHERE) {
    lines.length = 0
    t.strictSame((await statuses(scope)).statuses, Array(6).fill(503), name)
    t.strictSame(reported(lines, told).length, 6, name)
    t.notMatch(lines.join(''), 'carl@example.com')
  }
})

t.test('a predicate that is none is refused wherever it is asked for', async t => {
  const { lines, statuses } = await everyPath(t, memoryUsers(people()), () => true)
  for (const [name, scope, told] of NO_PREDICATE) {
    lines.length = 0
    t.strictSame((await statuses(scope)).statuses, Array(6).fill(503), name)
    t.strictSame(reported(lines, told).length, 6, name)
  }
})

t.test('a scope that means nobody to Prisma is nobody, and one that means everyone everyone', async t => {
  const { client, users } = await prismaPeople(t)
  const { statuses } = await everyPath(t, users, {})
  const nobody = { statuses: [200, 200, 200, 200, 404, 409], found: ['', ''], link: '', allowed: 'false' }
  for (const scope of [
    { OR: [] }, { OR: [{ OR: [] }] }, { OR: [], AND: { id: 3 } }, { OR: [], AND: [{ id: 3 }] }, { id: { in: [] } }, { OR: [{}] },
    { id: 4, AND: { id: 3 } }, { AND: [{ id: 4 }, { id: 3 }] }
  ]) {
    t.strictSame(await client.user.findMany({ where: scope }), [])
    t.strictSame(await statuses(scope), nobody, JSON.stringify(scope))
  }
  for (const scope of [
    {}, { AND: [] }, { NOT: [] }, { AND: { OR: [] } }, Object.assign(Object.create(null), { NOT: {} }), { password: { not: new Date(0).toJSON() } },
    { OR: [{ firstName: 'Carl' }, { firstName: '' }], NOT: [{ email: null as unknown as string }], AND: { id: { notIn: [99] } } }
  ]) {
    const alone = (await client.user.findMany({ where: scope })).map(({ id }) => id).join()
    t.match(await statuses(scope), { statuses: [200, 200, 200, 200, 201, 200], found: [alone, '3'], allowed: 'true' }, JSON.stringify(scope))
  }
})

t.test('nobody is nobody to a search in SQL and to the count of a page', async t => {
  const { client, users } = await prismaPeople(t)
  for (const scope of [{ OR: [] }, { OR: [{ OR: [] }] }]) {
    for (const terms of [[], ['carl'], ['c_rl']]) {
      for (const part of [{}, { page: 2 }, { after: '1' }, { before: '6' }]) {
        const query = { terms, fields: ['username'], lookup: 'icontains', pageSize: 2, countLimit: 3, scope, ...part } as const
        for (const source of [users, prismaUsers(client.user, { provider: 'mysql' })]) {
          t.match(await source.findPage(query), { users: [], count: 0, hasNext: false, hasPrevious: false })
        }
      }
    }
  }
})

t.test('dates, decimals, bytes, lists, null and what Prisma has for them belong into a where', async t => {
  const { client, users } = await prismaPeople(t)
  const decimal = new (class Decimal { s = 1; e = 0; d = [3]; toFixed () { return '3' } toJSON () { return '3' } })()
  const { statuses } = await everyPath(t, {
    findById: async (id: string) => await users.findById(id),
    findPage: async query => await users.findPage({ ...query, scope: undefined }),
    scopeType: 'where'
  } as UserSource<any, any>, {})
  for (const value of [
    new Date(), decimal, Buffer.from('a'), new Uint8Array(2), new Uint8Array(2).buffer, [], [null], null, 4n, client.user.fields.email,
    new (class JsonNull {})(), new (class DbNull {})(), new (class AnyNull {})(), new (class DateTime { toJSON () { return '2026-01-31' } })()
  ]) t.match(await statuses({ something: { equals: value } }), { statuses: [200, 200, 200, 200, 201, 200] })
})

t.test('a source of your own gets what it knows, and never nothing', async t => {
  const everyone = memoryUsers(people())
  const { statuses } = await everyPath(t, {
    findById: async (id: string) => await everyone.findById(id), findPage: async query => await everyone.findPage({ ...query, scope: undefined })
  } as UserSource<any, any>, 'all')
  for (const scope of ['team', 7, true, () => true, new Map(), { team: 'a', roles: [new Team()], may: () => true }, [1]]) {
    t.match(await statuses(scope), { statuses: [200, 200, 200, 200, 201, 200] })
  }
  for (const scope of ['', 0, 0n, NaN, false, null, undefined, { team: undefined }, [undefined], { teams: [{ id: undefined }] }]) {
    t.strictSame((await statuses(scope)).statuses, Array(6).fill(503))
  }
})

t.test('the sources refuse a wrong scope themselves: a source around them may not say which they take', async t => {
  const { users } = await prismaPeople(t)
  const inMemory = memoryUsers(people())
  const query = { terms: [], fields: ['username'], lookup: 'icontains', pageSize: 2, countLimit: 3 } as const
  for (const [, scope] of NO_WHERE.slice(1)) {
    const given = await scope as never
    await t.rejects(users.findById('3', given), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
    await t.rejects(users.findPage({ ...query, scope: given }), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
  }
  for (const [, scope] of NO_PREDICATE.slice(1)) {
    const given = await scope as never
    await t.rejects(inMemory.findById('3', given), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
    await t.rejects(inMemory.findPage({ ...query, scope: given }), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
  }
})

t.test('a scope that cannot be read is refused', async t => {
  const { users } = await prismaPeople(t)
  const { statuses } = await everyPath(t, users, {})
  const unreadable = { get email () { throw new Error('gone') } }
  const cyclic: Record<string, unknown> = {}
  cyclic['AND'] = cyclic
  for (const scope of [unreadable, cyclic]) t.strictSame((await statuses(scope)).statuses, Array(6).fill(503))
})
