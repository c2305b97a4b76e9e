import t from 'tap'
import { sqliteClient } from '../kit/prisma.js'
import { testHostile } from './hostile.suite.js'

t.setTimeout(600_000)
t.test('over SQLite', async t => { testHostile(t, sqliteClient) })
