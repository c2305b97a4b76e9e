import t from 'tap'
import { testEveryEnding } from './every-ending.suite.js'

t.setTimeout(300_000)
t.test('over SQLite', async t => { await testEveryEnding(t) })
