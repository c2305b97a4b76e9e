import t from 'tap'
import { sqliteClient } from '../kit/prisma.js'
import { testOwnPrisma } from './own-prisma.suite.js'

t.test('on the application\'s own PrismaClient and SQLite', async t => { await testOwnPrisma(t, sqliteClient) })
