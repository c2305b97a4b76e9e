import t from 'tap'
import { build } from '../kit/build.js'

t.test('a getRealUser that returns an id is told so', async t => {
  for (const [given, kind] of [['3', 'a text'], [3, 'a number'], [true, 'true'], [[{ id: 3 }], 'a list'], [3n, 'a bigint']] as const) {
    for (const getRealUser of [() => given as never, async () => given as never]) {
      const app = await build(t, { getRealUser })
      const answer = await app.inject({ url: '/who', headers: { accept: 'application/json' } })
      t.match(answer.json(), { statusCode: 503, code: 'FST_IMPERSONATE_UNAVAILABLE' })
      t.match(answer.json().message, `"getRealUser" returned ${kind} and not a user; it returns the user itself, such as users.findById(id), or null`)
    }
  }
})
