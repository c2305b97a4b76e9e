import assert from 'node:assert/strict'
import type { UserPage, UserQuery } from '../types/index.js'

/** What the tests of pages work with: a source of eight users. */
export interface PagesUnderTest<SourceUser, Scope> {
  test (name: string, work: () => Promise<void>): unknown
  find (query: Partial<UserQuery<Scope>>): Promise<UserPage<SourceUser>>
  /** The id of the first, second, third … user. */
  text (number: number): string
  expectIds (found: UserPage<SourceUser>, numbers: number[]): void
}

/** By number and by cursor, and what is counted. */
export async function testPages<SourceUser, Scope> (
  { test, find, text, expectIds }: PagesUnderTest<SourceUser, Scope>
): Promise<void> {
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
    const search = { terms: ['A'], lookup: 'contains', fields: ['firstName'] } as const
    expectIds(await find({ ...search, pageSize: 1, page: 2 }), [2])
    expectIds(await find({ ...search, pageSize: 1, after: text(2) }), [8])
    expectIds(await find({ ...search, pageSize: 2, before: text(8) }), [1, 2])
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
