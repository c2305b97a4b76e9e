import t from 'tap'
import { FST_IMPERSONATE_UNAVAILABLE } from '../dist/lib/errors.js'
import { NoAnswer, within } from '../dist/lib/within.js'

t.test('what is done in time is given back', async t => {
  t.equal(await within(1000, 'too late', () => 5), 5)
  t.equal(await within(1000, 'too late', async () => 6), 6)
})

t.test('what throws or rejects is not available, with the cause', async t => {
  const cause = new Error('the database is down')
  for (const work of [() => { throw cause }, async () => { throw cause }]) {
    await t.rejects(within(1000, 'the users did not answer', work), { code: 'FST_IMPERSONATE_UNAVAILABLE', message: /the users did not answer/, cause })
  }
})

t.test('what never answers is given up', async t => {
  const error: any = await within(5, 'the users did not answer', async () => await new Promise(() => {})).catch((error: unknown) => error)
  t.equal(error.code, 'FST_IMPERSONATE_UNAVAILABLE')
  t.ok(error.cause instanceof NoAnswer)
})

t.test('what says itself that it is not available is believed', async t => {
  const own = new FST_IMPERSONATE_UNAVAILABLE('a reason of its own')
  t.equal(await within(1000, 'too late', () => { throw own }).catch((error: unknown) => error), own)
})
