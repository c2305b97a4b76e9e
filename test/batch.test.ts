import t, { type Test } from 'tap'
import { prismaUsers } from '../dist/index.js'
import { browser, build } from './kit/build.js'
import { faulty, openLog } from './kit/database.js'
import { sqliteClient } from './kit/prisma.js'

/** sam impersonates carl from three browsers, in front of a log whose reads are counted. */
async function threeBrowsers (t: Test, methods: Parameters<typeof faulty>[1]) {
  const app = await build(t, { prisma: faulty(await openLog(t), methods) })
  const browsers = [browser(app), browser(app), browser(app)]
  for (const sam of browsers) {
    await sam.signIn(2)
    await sam.postJson('/impersonate/3/')
  }
  return browsers
}

t.test('requests that arrive together look their rows up together', async t => {
  const reads: string[] = []
  const browsers = await threeBrowsers(t, {
    findUnique: async (args, real) => { reads.push('one'); return await real(args) },
    findMany: async (args, real) => { reads.push('many'); return await real(args) }
  })
  reads.length = 0
  const answers = await Promise.all([...browsers, ...browsers].map(async sam => await sam.getJson('/who')))
  t.strictSame(reads, ['many'])
  t.strictSame(answers.map(answer => answer.json().user), Array(6).fill(3))
  t.equal(new Set(answers.map(answer => answer.json().impersonation.id)).size, 3, 'each its own')
  reads.length = 0
  t.match((await browsers[0]?.getJson('/who'))?.json(), { user: 3 })
  t.strictSame(reads, ['one'])
})

t.test('where a look-up for several fails, each is looked up alone, and what is wrong with one fails no other', async t => {
  const broken: Parameters<typeof faulty>[1] = {}
  const browsers = await threeBrowsers(t, broken)
  const all = async () => await Promise.all(browsers.map(async sam => (await sam.getJson('/who')).statusCode))
  broken['findMany'] = async () => { throw new Error('one of them cannot be asked for') }
  t.strictSame(await all(), [200, 200, 200])
  let asked = 0
  broken['findUnique'] = async (args, real) => {
    if (++asked === 2) throw new Error('this one')
    return await real(args)
  }
  t.strictSame((await all()).sort(), [200, 200, 503])
  broken['findUnique'] = async () => { throw new Error('the connection is gone') }
  t.strictSame(await all(), [503, 503, 503])
  delete broken['findMany']
  delete broken['findUnique']
  t.strictSame(await all(), [200, 200, 200])
})

t.test('users that are looked up together are the ones that were asked for, and nobody else', async t => {
  const client = await sqliteClient(t)
  await client.user.createMany({ data: [1, 2, 3].map(id => ({ id, username: `user ${id}` })) })
  const users = prismaUsers(client.user)
  const ids = ['3', '1', '9', '03', '1']
  const found = await Promise.all(ids.map(async id => await users.findById(id)))
  t.strictSame(found.map(user => user && user.username), ['user 3', 'user 1', null, null, 'user 1'])
})

t.test('a row that is none stops the request that it was for, and no other', async t => {
  let isBroken = false
  const browsers = await threeBrowsers(t, {
    async findMany (args, real) {
      const rows = await real(args)
      return isBroken && Array.isArray(rows) ? rows.map((row, index) => index === 0 ? { sessionKey: row.sessionKey } : row) : rows
    }
  })
  isBroken = true
  const statuses = await Promise.all(browsers.map(async sam => (await sam.getJson('/who')).statusCode))
  t.strictSame(statuses.sort(), [200, 200, 503])
})
