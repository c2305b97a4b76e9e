import assert from 'node:assert/strict'
import type { UserPage, UserQuery, UserSource } from '../types/index.js'
import { NAMES, SEARCHES, type PlainUser } from './sample-users.js'
import { testPages } from './source-pages.js'

/** A source that holds the users it was asked to hold, and these ids alone as a scope. */
export interface SourceUnderTest<SourceUser, Scope> {
  source: UserSource<SourceUser, Scope>
  /** The scope in which just the users of these ids are. */
  only (ids: readonly string[]): Scope
  /** Scopes that the source must refuse, by throwing: those that say nothing, or not what it takes. @default [] */
  wrongScopes?: readonly Scope[]
}

/** What {@link testUserSource} has to know. */
export interface TestUserSourceOptions<Id extends string | number | bigint, SourceUser extends { id: unknown }, Scope> {
  /** tap's `t.test`, node:test's `test`, or any other that takes a name and an async function. */
  test (name: string, work: () => Promise<void>): unknown
  /** Makes an id from 1, 2, 3 …, in ascending order. */
  id (number: number): Id
  /** Makes an empty source and fills it with these users. */
  create (users: Array<PlainUser<Id>>): Promise<SourceUnderTest<SourceUser, Scope>>
  /** Whether look-ups that ignore case do so for letters outside ASCII as well. @default true */
  foldsUnicode?: boolean
}

const FIELDS = ['username', 'firstName', 'lastName', 'email']

/**
 * The tests that every source of users has to pass: those of `prismaUsers` and `memoryUsers`, for a source of your own.
 * Needs no test framework but the one that `test` comes from.
 *
 * @example
 * import { test } from 'node:test'
 * await testUserSource({
 *   test,
 *   id: number => number,
 *   create: async users => ({ source: myUsers(users), only: ids => ({ ids }) })
 * })
 */
export async function testUserSource<Id extends string | number | bigint, SourceUser extends { id: unknown }, Scope> (
  { test, id, create, foldsUnicode = true }: TestUserSourceOptions<Id, SourceUser, Scope>
): Promise<void> {
  const users = NAMES.map((name, index) => ({ ...name, id: id(index + 1) }))
  const text = (number: number) => String(id(number))
  // Not in the order of the ids, which is none that a source may rely on.
  const { source, only, wrongScopes = [] } = await create(users.toReversed())
  const defaults: UserQuery<Scope> = { terms: [], fields: FIELDS, lookup: 'icontains', pageSize: 100, countLimit: 1000 }
  const find = async (query: Partial<UserQuery<Scope>>) => await source.findPage({ ...defaults, ...query })
  const expectIds = (found: UserPage<SourceUser>, numbers: number[]) => {
    assert.deepEqual(found.users.map(user => String(user.id)), numbers.map(text))
  }

  await test('findById finds a user by its id', async () => {
    for (const user of users) assert.equal(String((await source.findById(String(user.id)))?.id), String(user.id))
  })

  await test('findById gives null for what is no id of a user, and throws for none', async () => {
    const [known = ''] = users.map(user => String(user.id))
    for (const wrong of [
      '', text(99), `0${known}`, ` ${known}`, `${known} `, `+${known}`, `${known}.0`, `${known}e0`, `${known}\0`, '\0',
      '1e3', '-', 'NaN', 'null', '0x1', '9007199254740993', '9223372036854775808', '-9223372036854775809',
      '9'.repeat(400), 'x'.repeat(5000), "' OR 1=1 --", '%', '🎉', '\ud800'
    ]) assert.equal(await source.findById(wrong), null, JSON.stringify(wrong))
  })

  await test('an id that is none fails nobody who is looked up beside it', async () => {
    const ids = [text(1), 'x', text(2), '', text(1), '9'.repeat(400), '-1', text(99), text(1)]
    const found = await Promise.all(ids.map(async id => await source.findById(id)))
    const known = found.map(user => user === null ? null : String(user.id))
    assert.deepEqual(known, [text(1), null, text(2), null, text(1), null, null, null, text(1)])
  })

  await test('a cursor that is none throws for nobody, and leaves the count as it is', async () => {
    for (const cursor of ['x', '', '1e3', '9'.repeat(400), '-1', '\0', `${text(1)}.0`]) {
      for (const part of [{ after: cursor }, { before: cursor }]) {
        const found = await find(part)
        assert.equal(found.count, users.length, JSON.stringify(part))
        assert.ok(Array.isArray(found.users))
      }
    }
  })

  await test('a scope in which nobody is gives nobody, wherever it is asked', async () => {
    const scope = only([])
    for (const user of users) assert.equal(await source.findById(String(user.id), scope), null)
    for (const terms of [[], ['ada'], ['a_b'], ['A']]) {
      for (const part of [{}, { page: 2 }, { after: text(1) }, { before: text(8) }]) {
        const found = await find({ scope, terms, ...part })
        expectIds(found, [])
        assert.deepEqual([found.count, found.hasNext, found.hasPrevious], [0, false, false])
      }
    }
  })

  await test('a scope that says nothing is refused, and is never everyone', async () => {
    for (const wrong of wrongScopes) {
      await assert.rejects(async () => await source.findById(text(1), wrong))
      await assert.rejects(async () => await find({ scope: wrong }))
    }
  })

  await test('findById gives null for a user outside the scope', async () => {
    const scope = only([text(1), text(2)])
    assert.equal(String((await source.findById(text(2), scope))?.id), text(2))
    assert.equal(await source.findById(text(3), scope), null)
    assert.equal(await source.findById(text(1), only([])), null)
  })

  for (const { lookup, terms, finds, fields = FIELDS, ...search } of SEARCHES) {
    if (search.foldsUnicode !== undefined && search.foldsUnicode !== foldsUnicode) continue
    await test(`findPage, ${lookup} ${JSON.stringify(terms)} in ${fields.join(', ')}`, async () => {
      const found = await find({ lookup, terms, fields })
      expectIds(found, finds)
      assert.deepEqual([found.count, found.countIsExact], [finds.length, true])
      assert.deepEqual([found.hasNext, found.hasPrevious], [false, false])
    })
  }

  await test('findPage gives users of the scope alone', async () => {
    const scope = only([text(2), text(3), text(8)])
    expectIds(await find({ scope }), [2, 3, 8])
    const found = await find({ scope, terms: ['ada'] })
    expectIds(found, [2, 8])
    assert.equal(found.count, 2)
  })

  await testPages({ test, find, text, expectIds })
}
