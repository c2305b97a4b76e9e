import assert from 'node:assert/strict'
import type { LookupType, UserPage, UserQuery, UserSource } from '../types/index.js'

/** A user that the source under test has to hold. */
export interface PlainUser<Id = string | number | bigint> {
  id: Id
  username: string
  firstName: string | null
  lastName: string | null
  email: string | null
}

/** A source that holds the users it was asked to hold, and these ids alone as a scope. */
export interface SourceUnderTest<SourceUser, Scope> {
  source: UserSource<SourceUser, Scope>
  /** The scope in which just the users of these ids are. */
  only (ids: readonly string[]): Scope
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

const NAMES: Array<Omit<PlainUser, 'id'>> = [
  { username: 'ada', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' },
  { username: 'Adam', firstName: 'Adam', lastName: 'Smith', email: null },
  { username: 'percent%sign', firstName: '100%', lastName: 'a_b', email: 'p@example.com' },
  { username: 'back\\slash', firstName: 'aXb', lastName: 'it\'s "quoted"', email: 'q@example.org' },
  { username: 'émile', firstName: 'Émile', lastName: 'ÉCOLE', email: null },
  { username: 'юрий', firstName: 'Юрий', lastName: '高橋', email: null },
  { username: 'party🎉', firstName: null, lastName: null, email: null },
  { username: 'Zed', firstName: 'Ada', lastName: 'Smith', email: 'zed@EXAMPLE.com' }
]

/** Which of {@link NAMES}, from 1, each search finds. */
const SEARCHES: Array<{ lookup: LookupType, terms: string[], finds: number[], fields?: string[], foldsUnicode?: boolean }> = [
  { lookup: 'icontains', terms: [], finds: [1, 2, 3, 4, 5, 6, 7, 8] },
  { lookup: 'icontains', terms: ['ADA'], finds: [1, 2, 8] },
  { lookup: 'icontains', terms: ['ada', 'smith'], finds: [2, 8] },
  { lookup: 'icontains', terms: ['smith', 'lovelace'], finds: [] },
  { lookup: 'icontains', terms: ['ada'], fields: ['lastName', 'email'], finds: [1] },
  { lookup: 'contains', terms: ['ada'], finds: [1] },
  { lookup: 'contains', terms: ['EXAMPLE'], finds: [8] },
  { lookup: 'exact', terms: ['Ada'], finds: [1, 8] },
  { lookup: 'exact', terms: ['Ad'], finds: [] },
  { lookup: 'iexact', terms: ['ADAM'], finds: [2] },
  { lookup: 'iexact', terms: ['zed@example.COM'], finds: [8] },
  { lookup: 'iexact', terms: ['ad'], finds: [] },
  { lookup: 'startswith', terms: ['Ad'], finds: [1, 2, 8] },
  { lookup: 'startswith', terms: ['AD'], finds: [] },
  { lookup: 'istartswith', terms: ['AD'], finds: [1, 2, 8] },
  { lookup: 'endswith', terms: ['.com'], finds: [1, 3, 8] },
  { lookup: 'endswith', terms: ['.COM'], finds: [] },
  { lookup: 'iendswith', terms: ['.COM'], finds: [1, 3, 8] },
  { lookup: 'icontains', terms: ['%'], finds: [3] },
  { lookup: 'icontains', terms: ['_'], finds: [3] },
  { lookup: 'icontains', terms: ['A_B'], finds: [3] },
  { lookup: 'contains', terms: ['a_b'], finds: [3] },
  { lookup: 'startswith', terms: ['a_'], finds: [3] },
  { lookup: 'endswith', terms: ['%'], finds: [3] },
  { lookup: 'exact', terms: ['a_b'], finds: [3] },
  { lookup: 'exact', terms: ['a%'], finds: [] },
  { lookup: 'iexact', terms: ['A_B'], finds: [3] },
  { lookup: 'iexact', terms: ['%'], finds: [] },
  { lookup: 'iexact', terms: ['back\\SLASH'], finds: [4] },
  { lookup: 'exact', terms: ['back\\slash'], finds: [4] },
  { lookup: 'icontains', terms: ['\\'], finds: [4] },
  { lookup: 'endswith', terms: ['\\slash'], finds: [4] },
  { lookup: 'icontains', terms: ['\\%'], finds: [] },
  { lookup: 'icontains', terms: ["it's"], finds: [4] },
  { lookup: 'icontains', terms: ['"QUOTED"'], finds: [4] },
  { lookup: 'icontains', terms: ['ada\0'], finds: [] },
  { lookup: 'exact', terms: ['\0'], finds: [] },
  { lookup: 'contains', terms: ['🎉'], finds: [7] },
  { lookup: 'iendswith', terms: ['🎉'], finds: [7] },
  { lookup: 'contains', terms: ['橋'], finds: [6] },
  { lookup: 'contains', terms: ['Юр'], finds: [6] },
  { lookup: 'icontains', terms: ['É'], finds: [5] },
  { lookup: 'icontains', terms: ['éc'], finds: [5], foldsUnicode: true },
  { lookup: 'icontains', terms: ['éc'], finds: [], foldsUnicode: false },
  { lookup: 'iexact', terms: ['ЮРИЙ'], finds: [6], foldsUnicode: true },
  { lookup: 'iexact', terms: ['ЮРИЙ'], finds: [], foldsUnicode: false },
  { lookup: 'istartswith', terms: ['ЮРИЙ'], finds: [6], foldsUnicode: true },
  { lookup: 'istartswith', terms: ['ЮРИЙ'], finds: [], foldsUnicode: false }
]

/**
 * The tests that every source of users has to pass: those of `prismaUsers` and `memoryUsers`, for a source of your own.
 * Needs no test framework but the one that `test` comes from.
 *
 * @example
 * import { test } from 'node:test'
 * await testUserSource({ test, id: number => number, create: async users => ({ source: myUsers(users), only: ids => ({ ids }) }) })
 */
export async function testUserSource<Id extends string | number | bigint, SourceUser extends { id: unknown }, Scope> (
  { test, id, create, foldsUnicode = true }: TestUserSourceOptions<Id, SourceUser, Scope>
): Promise<void> {
  const users = NAMES.map((name, index) => ({ ...name, id: id(index + 1) }))
  const text = (number: number) => String(id(number))
  // Not in the order of the ids, which is none that a source may rely on.
  const { source, only } = await create(users.toReversed())
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
      '', text(99), `0${known}`, ` ${known}`, `${known} `, `+${known}`, `${known}.0`, `${known}e0`, '1e3', '-', 'NaN', 'null', '0x1', `${known}\0`, '\0',
      '9007199254740993', '9223372036854775808', '-9223372036854775809', '9'.repeat(400), 'x'.repeat(5000), "' OR 1=1 --", '%', '🎉', '\ud800'
    ]) assert.equal(await source.findById(wrong), null, JSON.stringify(wrong))
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
      assert.deepEqual([found.count, found.countIsExact, found.hasNext, found.hasPrevious], [finds.length, true, false, false])
    })
  }

  await test('findPage gives users of the scope alone', async () => {
    const scope = only([text(2), text(3), text(8)])
    expectIds(await find({ scope }), [2, 3, 8])
    const found = await find({ scope, terms: ['ada'] })
    expectIds(found, [2, 8])
    assert.equal(found.count, 2)
  })

  await test('findPage numbers its pages from 1, by id', async () => {
    for (const [page, numbers] of [[1, [1, 2, 3]], [2, [4, 5, 6]], [3, [7, 8]]] as const) {
      const found = await find({ page, pageSize: 3 })
      expectIds(found, [...numbers])
      assert.deepEqual([found.hasNext, found.hasPrevious, found.count], [page < 3, page > 1, 8])
    }
  })

  await test('a page past the end is empty, however far', async () => {
    for (const page of [4, 1000, Number.MAX_SAFE_INTEGER]) {
      const found = await find({ page, pageSize: 3 })
      expectIds(found, [])
      assert.deepEqual([found.hasNext, found.hasPrevious, found.count], [false, true, 8])
    }
  })

  await test('findPage goes on after an id', async () => {
    const found = await find({ after: text(3), pageSize: 3 })
    expectIds(found, [4, 5, 6])
    assert.deepEqual([found.hasNext, found.hasPrevious], [true, true])
    const last = await find({ after: text(6), pageSize: 3 })
    expectIds(last, [7, 8])
    assert.deepEqual([last.hasNext, last.hasPrevious], [false, true])
    expectIds(await find({ after: text(8), pageSize: 3 }), [])
  })

  await test('findPage goes back before an id, and keeps the order', async () => {
    const found = await find({ before: text(7), pageSize: 3 })
    expectIds(found, [4, 5, 6])
    assert.deepEqual([found.hasNext, found.hasPrevious], [true, true])
    const first = await find({ before: text(3), pageSize: 3 })
    expectIds(first, [1, 2])
    assert.deepEqual([first.hasNext, first.hasPrevious], [true, false])
    expectIds(await find({ before: text(1), pageSize: 3 }), [])
  })

  await test('findPage pages through a search that the database cannot tell alone', async () => {
    expectIds(await find({ terms: ['A'], lookup: 'contains', fields: ['firstName'], pageSize: 1, page: 2 }), [2])
    expectIds(await find({ terms: ['A'], lookup: 'contains', fields: ['firstName'], pageSize: 1, after: text(2) }), [8])
    expectIds(await find({ terms: ['A'], lookup: 'contains', fields: ['firstName'], pageSize: 2, before: text(8) }), [1, 2])
  })

  await test('findPage counts up to countLimit and says whether it stopped there', async () => {
    for (const [countLimit, count, isExact] of [[1, 1, false], [7, 7, false], [8, 8, true], [9, 8, true]] as const) {
      for (const [where, numbers] of [
        [{}, [1, 2, 3]], [{ page: 2 }, [4, 5, 6]], [{ page: 3 }, [7, 8]], [{ page: 9 }, []],
        [{ after: text(2) }, [3, 4, 5]], [{ after: text(5) }, [6, 7, 8]], [{ after: text(8) }, []],
        [{ before: text(6) }, [3, 4, 5]], [{ before: text(4) }, [1, 2, 3]], [{ before: text(1) }, []]
      ] as const) {
        const found = await find({ countLimit, pageSize: 3, ...where })
        assert.deepEqual([found.count, found.countIsExact], [count, isExact])
        expectIds(found, [...numbers])
      }
    }
  })
}
