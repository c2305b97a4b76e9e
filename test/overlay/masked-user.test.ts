import type { FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { inspect } from 'node:util'
import { prismaUsers } from '../../dist/index.js'
import type { ImpersonateOptions, User } from '../../dist/index.js'
import { browser, build, people } from '../kit/build.js'
import { sqliteClient } from '../kit/prisma.js'

/** What handlers see of the target, one object a request, where the source gives `target` to all. */
async function look (t: Test, target: object, requests = 1): Promise<object[]> {
  return await lookBy(t, {
    users: {
      findById: async id => id === '3' ? target as User : null,
      findPage: async () => ({ users: [], hasNext: false, hasPrevious: false, count: 0, countIsExact: true })
    }
  }, requests)
}

async function lookBy (t: Test, options: ImpersonateOptions, requests: number): Promise<object[]> {
  const seen: object[] = []
  const app = await build(t, {
    getRealUser: () => people()[1] ?? null,
    ...options,
    after: app => { app.get('/look', async (request: FastifyRequest) => { seen.push(Object(request.user)); return {} }) }
  })
  const sam = browser(app)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  for (let request = 0; request < requests; request++) t.equal((await sam.get('/look')).statusCode, 200)
  return seen
}

class Company {
  readonly #name: string
  staff = 1
  constructor (name: string) { this.#name = name }
  get name () { return this.#name }
}

class Customer {
  readonly #id: number
  #nick = 'ro'
  readonly isSuperuser = false
  firstName = 'Rosa'
  lastName = 'Perez'
  isImpersonate = 'a field of the application\'s'
  since = new Date(0)
  settings = { theme: { dark: false }, tags: ['a'], bytes: Buffer.from('ab'), map: new Map([['a', { b: 1 }]]), set: new Set([1]), pattern: /a/g }
  company = new Company('ACME')
  self: unknown = this
  later = Promise.resolve(1)
  constructor (id: number) { this.#id = id }
  get id () { return this.#id }
  get nick () { return this.#nick }
  set nick (nick: string) { this.#nick = nick }
  get name () { return `${this.firstName} ${this.lastName}` }
  set name (name: string) { this.firstName = name }
  get tags () { return this.settings.tags }
  get shared () { return SHARED }
  get secret () { return '' }
  set secret (secret: string) { this.lastName = secret }
  label () { return `${this.#id} ${this.name}` }
  greet () { return `Hello ${this.firstName}` }
  me () { return this.#id === 3 ? this : null }
  async load () { return { ...this.settings, id: this.#id }.tags }
  [Symbol.toPrimitive] () { return String(this.#id) }
  static idOf (customer: Customer) { return customer.id }
}
const SHARED = { list: [1] }

t.test('a class with private fields', async t => {
  const source = new Customer(3)
  const [one, two] = await look(t, source, 2) as [Customer, Customer]

  await t.test('answers as the source\'s own does', async t => {
    t.ok(one instanceof Customer)
    t.equal(one.constructor, Customer)
    t.equal(one.id, 3)
    t.equal(one.nick, 'ro')
    t.equal(one.name, 'Rosa Perez')
    t.equal(one.label(), '3 Rosa Perez')
    t.equal(one.label, one.label)
    t.equal(one.greet(), 'Hello Rosa')
    t.equal(one.me(), one)
    t.equal(one.self, one)
    t.same(await one.load(), ['a'])
    t.equal(await one.later, 1)
    t.equal(`${String(one)}`, '3')
    t.equal(Customer.idOf(one), 3)
    t.equal(one.company.name, 'ACME')
    t.ok(one.company instanceof Company)
    t.equal(one.company, one.company)
    t.ok('firstName' in one && 'name' in one && !('nobody' in one))
    const own = ['isSuperuser', 'firstName', 'lastName', 'since', 'settings', 'company', 'self', 'later']
    t.same(Object.keys(one), own)
    const { self, later, ...shown } = { ...one }
    t.same(Object.keys(shown), own.slice(0, 6))
    t.same(JSON.parse(JSON.stringify(shown)).since, '1970-01-01T00:00:00.000Z')
    t.equal(inspect(one), inspect(one))
    t.match(inspect(one, { depth: 9 }), /^<ref \*1> Customer \{\s+isSuperuser: false,\s+firstName: 'Rosa'/)
    t.same(Object.getOwnPropertyDescriptor(one, 'firstName'), { value: 'Rosa', writable: true, enumerable: true, configurable: true })
    t.equal(Object.getOwnPropertyDescriptor(one, 'nobody'), undefined)
    t.equal(Object.getOwnPropertyDescriptor(one, 'isImpersonate')?.enumerable, false)
    t.throws(() => { Reflect.apply(one.label, {}, []) }, TypeError)
    t.equal(Reflect.apply(one.me, source, []), source)
    class Odd { #odd = 1; odd () { return this.#odd } }
    t.throws(() => Reflect.apply(new Odd().odd, one, []), TypeError, 'a brand is not there')
  })

  await t.test('keeps to one request what is written to it', async t => {
    const before = { ...source, settings: structuredClone(source.settings), name: source.name }
    one.firstName = 'Ada'
    t.equal(one.greet(), 'Hello Ada', 'its own methods see it')
    t.equal(one.name, 'Ada Perez')
    one.name = 'Eve'
    t.equal(one.firstName, 'Eve', 'its own setters run')
    one.nick = 'new'
    one.nick += '!'
    t.equal(one.nick, 'new!')
    one.secret = 'L'
    t.equal(one.lastName, 'L')
    Reflect.set(one, 'more', 1)
    one.settings.theme.dark = true
    one.settings.tags.push('b')
    one.tags.push('c')
    one.settings.bytes[0] = 0
    one.settings.map.set('c', { b: 2 })
    Object(one.settings.map.get('a')).b = 3
    one.settings.set.add(2)
    one.settings.pattern.lastIndex = 1
    one.since.setFullYear(2000)
    one.company.staff = 2
    one.tags.push('d')
    ;(await two.load()).push('e')
    one.shared.list.push(2)
    t.same(one.tags, ['a', 'b', 'c', 'd'])
    t.same(two.settings.tags.splice(1), ['e'])
    t.ok(Buffer.isBuffer(one.settings.bytes))
    Reflect.deleteProperty(one, 'isSuperuser')
    Reflect.defineProperty(one, 'later', { enumerable: false })

    for (const other of [two, source]) {
      t.equal(other.firstName, 'Rosa')
      t.equal(other.lastName, 'Perez')
      t.equal(other.nick, 'ro')
      t.equal(other.name, before.name)
      t.equal(other.isSuperuser, false)
      t.notOk('more' in other)
      t.same(other.settings, before.settings)
      t.equal(other.settings.pattern.lastIndex, 0)
      t.equal(other.since.getTime(), 0)
      t.equal(other.company.staff, 1)
      t.ok(Object.keys(other).includes('later'))
    }
    t.same(SHARED, { list: [1] })
    t.notOk('isSuperuser' in one)
    t.equal(one.isSuperuser, undefined)
    t.notOk(Object.keys(one).includes('isSuperuser') || Object.keys(one).includes('later'))
    t.equal(source.isImpersonate, 'a field of the application\'s')
  })

  await t.test('takes no write that the source\'s own would not take, nor one to the mask', t => {
    t.throws(() => { Reflect.set(one, 'x', 1, one); Object.assign(one, { id: 4 }) }, TypeError)
    t.throws(() => { Object.assign(one, { isImpersonate: false }) }, TypeError)
    t.throws(() => { Object.assign(one, { impersonator: null }) }, TypeError)
    t.notOk(Reflect.deleteProperty(one, 'isImpersonate'))
    t.equal(Reflect.get(one, 'isImpersonate'), true)
    t.equal(Reflect.get(Object(Reflect.get(one, 'impersonator')), 'id'), 2)
    t.end()
  })

  await t.test('can be frozen', t => {
    t.ok(Object.isFrozen(Object.freeze(two)))
    t.equal(two.label(), '3 Rosa Perez')
    t.equal(two.name, 'Rosa Perez')
    t.notOk(Reflect.set(two, 'firstName', 'Ada'))
    t.same(Object.keys(two).length, 8)
    t.equal(Object.getPrototypeOf(two), Customer.prototype)
    t.equal(Object.getOwnPropertyDescriptor(two, 'nobody'), undefined)
    source.firstName = 'Later'
    Reflect.set(source, 'grown', 1)
    t.equal(two.firstName, 'Rosa')
    t.notOk('grown' in two || Object.keys(two).includes('grown'))
    t.end()
  })
})

t.test('a frozen one with private fields', async t => {
  const source = Object.freeze(new Customer(3))
  const [one] = await look(t, source) as [Customer]
  t.equal(one.label(), '3 Rosa Perez')
  t.throws(() => { one.firstName = 'Ada' }, TypeError)
  t.throws(() => { Object.assign(one, { more: 1 }) }, TypeError)
  t.notOk(Reflect.deleteProperty(one, 'firstName'))
  t.equal(one.settings.theme.dark, false)
  t.equal(JSON.stringify(one.settings.tags), '["a"]')
})

t.test('what finds its own by identity, or inherits from what is native', async t => {
  const secrets = new WeakMap<object, string>()
  class Weak {
    id = 3
    isSuperuser = false
    constructor () { secrets.set(this, 'secret') }
    get secret () { return secrets.get(this) }
    [inspect.custom] () { return `weak ${this.id}` }
  }
  const [weak] = await look(t, new Weak()) as [Weak]
  t.equal(weak.secret, 'secret')
  t.equal(inspect(weak), 'weak 3')

  class Base {
    readonly #id: number
    constructor (id: number) { this.#id = id }
    describe () { return `base ${this.#id}` }
  }
  class Child extends Base {
    id = 3
    isSuperuser = false
    override describe () { return `child of ${super.describe()}` }
  }
  const [child] = await look(t, new Child(3)) as [Child]
  t.equal(child.describe(), 'child of base 3')

  class Attributes extends Map<string, unknown> {
    id = 3
    isSuperuser = false
  }
  const [map] = await look(t, new Attributes([['a', 1]])) as [Attributes]
  t.equal(map.get('a'), 1)
  t.equal(map.size, 1)
  t.same([...map.keys()], ['a'])
})

t.test('plain rows, and classes of fields, getters and methods, are copied', async t => {
  class Entity {
    id = 3
    isSuperuser = false
    firstName = 'Rosa'
    at = new Date(0)
    json = JSON.parse('{"deep":{"list":[1,{"a":2}]},"__proto__":{"b":1}}')
    get name () { return `${this.firstName}!` }
    rename (name: string) { this.firstName = name }
  }
  for (const source of [new Entity(), { ...new Entity(), get name (): string { return `${this.firstName}!` }, rename (name: string) { this.firstName = name } }]) {
    Object.defineProperty(source, 'notes', { value: { kept: 1 } })
    const [one, two] = await look(t, source, 2) as [Entity, Entity]
    if (source instanceof Entity) t.same(structuredClone({ ...one }), { ...source }, 'and so can be cloned')
    t.equal(Object.getPrototypeOf(one), Object.getPrototypeOf(source))
    t.same(Object.keys(one), Object.keys(source))
    t.equal(JSON.stringify(one), JSON.stringify(source))
    t.equal(inspect(one), inspect(source))
    one.rename('Ada')
    t.equal(one.name, 'Ada!')
    one.json.deep.list[1].a = 3
    one.json.deep.list.push(4)
    one.at.setFullYear(2000)
    for (const other of [two, source]) {
      t.equal(other.name, 'Rosa!')
      t.same(other.json.deep, { list: [1, { a: 2 }] })
      t.equal(other.at.getTime(), 0)
    }
    t.same(Reflect.get(one, 'notes'), Reflect.get(source, 'notes'), 'a library\'s notes are there')
  }
})

t.test('of a row without a prototype, and of what stands for another object', async t => {
  const bare = Object.assign(Object.create(null), { id: 3, isSuperuser: false, json: { a: 1 } })
  const [plain] = await look(t, bare)
  t.equal(Object.getPrototypeOf(plain), null)
  t.same({ ...plain }, { ...bare })

  const own = Object.defineProperty(bare, 'own', { get (this: object) { return Object.keys(this).length }, enumerable: true, configurable: true })
  const proxied = new Proxy(own, { get: (of, key) => key === 'computed' ? [of.id] : Reflect.get(of, key) })
  const [view] = await look(t, Object.assign(Object.create(null), { id: 3, isSuperuser: false, of: proxied, list: new Proxy([1], {}) }))
  const of = Object(Reflect.get(Object(view), 'of'))
  t.same(of.computed, [3])
  t.equal(of.own, 4)
  t.type(Object.getOwnPropertyDescriptor(of, 'own')?.get, 'function')
  Reflect.deleteProperty(of, 'json')
  t.notOk('json' in of)
  t.equal(of.json, undefined)
  of.json = 2
  t.equal(of.json, 2)
  t.same(bare.json, { a: 1 })
  t.ok(Array.isArray(Reflect.get(Object(view), 'list')))
})

t.test('a computed field of Prisma\'s', async t => {
  const client = (await sqliteClient(t)).$extends({
    result: { user: { isSuspended: { needs: { username: true }, compute: ({ username }: { username: string }) => username === 'carl' } } }
  })
  for (const username of ['ada', 'sam', 'carl']) await client.user.create({ data: { username } })
  const [one, two] = await lookBy(t, { users: prismaUsers(client.user) }, 2)
  t.equal(Reflect.get(Object(one), 'isSuspended'), true)
  t.ok(Object.keys(Object(one)).includes('isSuspended'))
  t.equal(JSON.parse(JSON.stringify(one)).isSuspended, true)
  t.match(inspect(one), /isSuspended: true/)
  t.equal({ ...Object(one) }.isSuspended, true)
  Reflect.set(Object(one), 'isSuspended', false)
  t.equal(Reflect.get(Object(one), 'isSuspended'), false)
  t.equal(Reflect.get(Object(two), 'isSuspended'), true)
})
