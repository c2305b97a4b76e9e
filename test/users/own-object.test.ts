import t from 'tap'
import { memoryUsers, prismaUsers } from '../../dist/index.js'
import { batched } from '../../dist/lib/batch.js'
import { copyOf } from '../../dist/lib/users/copy.js'
import { browser, build, people, person } from '../kit/build.js'
import { sqliteClient } from '../kit/prisma.js'

/** carl with what a copy must not share. */
const rich = () => ({ ...person(3, 'carl'), address: { city: 'Delft', tags: ['a'] }, born: new Date(0), key: Buffer.from('abc') })

const prisma = async (t: any) => {
  const client = await sqliteClient(t)
  await client.user.createMany({ data: people() })
  return client
}

const SOURCES: Record<string, (t: any) => Promise<any>> = {
  prismaUsers: async t => prismaUsers<any>((await prisma(t)).user),
  'prismaUsers of an extended client': async t => prismaUsers<any>((await prisma(t)).$extends({
    result: { user: { initial: { needs: { username: true }, compute: ({ username }) => username[0] } } }
  }).user),
  'prismaUsers of entities with private fields': async t => {
    class Entity {
      readonly #name: string
      constructor (row: { username: string }) {
        Object.assign(this, row)
        this.#name = row.username
      }

      get initial () { return this.#name[0] }
    }
    const client = await prisma(t)
    return prismaUsers<any>(client.$extends({
      query: {
        user: {
          $allOperations: async ({ args, query }) => {
            const found: any = await query(args)
            return Array.isArray(found) ? found.map(row => new Entity(row)) : found === null ? null : new Entity(found)
          }
        }
      }
    }).user)
  },
  memoryUsers: async () => memoryUsers<any>([...people().filter(({ id }) => id !== 3), rich()]),
  'a source that keeps what it found': async () => {
    const kept = [...people().filter(({ id }) => id !== 3), rich()]
    return { findById: async (id: string) => kept.find(user => String(user.id) === id) ?? null, findPage: async () => ({}) }
  }
}

for (const [name, source] of Object.entries(SOURCES)) {
  t.test(`requests that look one person up share nothing of them: ${name}`, async t => {
    const users = await source(t)
    const seen: object[] = []
    const app = await build(t, {
      users,
      after: app => {
        app.get('/write/:n', async (request: any) => {
          const { user, params: { n } } = request
          seen.push(user)
          // Those who came together are all here before the first one writes.
          await new Promise(resolve => setTimeout(resolve, 50))
          const before = [user.username, user.note, user.address?.city, user.address?.tags?.join(), user.born?.getTime(), user.key?.[0]]
          const initial = user.initial ?? null
          user.username = `written by ${n}`
          user.note = n
          if (user.address !== undefined) {
            user.address.city = n
            user.address.tags.push(n)
            user.born.setTime(Number(n))
            user.key[0] = Number(n)
          }
          return { before, initial }
        })
      }
    })
    const carl = browser(app)
    await carl.signIn(3)
    const hasMore = name === 'memoryUsers' || name.startsWith('a source')
    const fresh = ['carl', null, ...hasMore ? ['Delft', 'a', 0, 97] : [null, null, null, null]]
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all([1, 2, 3].map(async n => await carl.getJson(`/write/${n}`)))
      for (const answer of answers) t.same(answer.json().before, fresh)
      if (!hasMore && name !== 'prismaUsers') for (const answer of answers) t.equal(answer.json().initial, 'c')
    }
    t.equal(new Set(seen).size, 6)
  })
}

t.test('look-ups of one turn are one query, and each who asked has an object of their own', async t => {
  const asked: unknown[] = []
  const find = batched<string, { id: string }>({
    one: async id => { asked.push(id); return { id } },
    many: async ids => { asked.push(ids); return new Map(ids.map(id => [id, { id }])) },
    copy: copyOf
  })
  const found = await Promise.all(['a', 'b', 'a', 'a'].map(find))
  t.same(found, [{ id: 'a' }, { id: 'b' }, { id: 'a' }, { id: 'a' }])
  t.equal(new Set(found).size, 4)
  t.same(asked, [['a', 'b']])
})

t.test('what is copied is all of a plain object, and nothing else is', async t => {
  const shared = { deep: [1] }
  const value: any = {
    text: 'a',
    none: null,
    missing: undefined,
    big: 4n,
    when: new Date(5),
    bytes: new Uint8Array([1]),
    buffer: Buffer.from('b'),
    list: [shared, shared],
    bare: Object.assign(Object.create(null), { a: 1 }),
    act () { return this.text },
    get shout () { return this.text.toUpperCase() }
  }
  value.self = value
  const decimal = { get [Symbol.toStringTag] () { return '[object Decimal]' } }
  value.price = decimal
  Object.defineProperty(value, 'hidden', { value: { a: 1 }, enumerable: false })
  const copy = copyOf(value)
  t.same(Object.keys(copy), Object.keys(value))
  t.equal(copy.self, copy)
  t.equal(copy.price, decimal)
  t.ok(copy.list[0] !== shared && copy.list[0] === copy.list[1] && copy.list.length === 2)
  for (const name of ['when', 'bytes', 'buffer', 'bare', 'hidden']) {
    t.not(copy[name], value[name], name)
    t.strictSame(copy[name], value[name], name)
  }
  copy.buffer[0] = 0
  t.equal(String(value.buffer), 'b')
  copy.text = 'z'
  t.same([copy.act(), copy.shout, value.shout], ['z', 'Z', 'A'])
  for (const other of [new Map(), { a: [new Set()] }, new Proxy({}, {}), new (class A {})(), { b: new Proxy([], {}) }]) t.equal(copyOf(other), undefined)
  t.equal(copyOf('a'), 'a')
})
