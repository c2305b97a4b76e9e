import t from 'tap'
import { prismaLog } from '../../dist/lib/log/prisma/log.js'
import { faulty, openLog, row } from '../kit/database.js'

t.test('a row that the database found by a key or id in another case is not the one that was asked for', async t => {
  const client = await openLog(t)
  const kept = row({ id: 'abc', sessionKey: 'xyz' })
  // As MySQL does with its usual collations.
  const log = prismaLog(faulty(client, { findUnique: async () => await client.impersonationLog.findFirst() }))
  t.equal(await log.findByKey('xyz'), null)
  await log.add(kept)
  t.match(await log.findByKey('xyz'), kept)
  t.match(await log.findById('abc'), kept)
  t.equal(await log.findByKey('XYZ'), null)
  t.equal(await log.findById('ABC'), null)
})
