import t, { type Test } from 'tap'
import { browser, build, person, type BuildOptions } from '../kit/build.js'
import { open, openLog, row } from '../kit/database.js'

/** A log whose columns do not tell upper and lower case apart, as the usual collations of MariaDB. */
async function foldedLog (t: Test) {
  const prisma = await openLog(t)
  const [{ sql }] = await prisma.$queryRawUnsafe<[{ sql: string }]>('SELECT sql FROM sqlite_master WHERE name = \'ImpersonationLog\'')
  const indexes = await prisma.$queryRawUnsafe<Array<{ sql: string }>>('SELECT sql FROM sqlite_master WHERE type = \'index\' AND tbl_name = \'ImpersonationLog\' AND sql IS NOT NULL')
  await prisma.$executeRawUnsafe('DROP TABLE "ImpersonationLog"')
  await prisma.$executeRawUnsafe(sql.replace(/"(impersonatorId|impersonatingId)" TEXT NOT NULL/g, '$& COLLATE NOCASE'))
  for (const index of indexes) await prisma.$executeRawUnsafe(index.sql)
  return prisma
}

/** So many rows of people whose ids differ in case alone, in turns, and ada who looks at them. */
async function withRows (t: Test, rows: number, { isOpen = false, ...options }: BuildOptions & { isOpen?: boolean } = {}) {
  const prisma = await foldedLog(t)
  const at = Date.now()
  const given = Array.from({ length: rows }, (unused, index) => row({
    sessionStartedAt: new Date(at - index * 1000),
    lastSeenAt: new Date(at),
    impersonatorId: index % 2 === 0 ? 'sam' : 'SAM',
    impersonatingId: index % 3 === 0 ? 'carl' : 'Carl',
    ...isOpen ? open : {}
  }))
  await prisma.impersonationLog.createMany({ data: given })
  const app = await build(t, { prisma, people: [person(1, 'ada', { isSuperuser: true })], ...options })
  const ada = browser(app)
  await ada.signIn(1)
  return { app, ada, prisma }
}

const left = { where: { sessionEndedAt: null } }

t.test('ending one person\'s impersonations leaves those of another, whose id the database takes for the same', async t => {
  const { ada, prisma } = await withRows(t, 450, { isOpen: true })
  const answer = await ada.postJson('/impersonate/sessions/end/', { impersonator: 'sam' })
  t.equal(answer.statusCode, 200)
  const rows = await prisma.impersonationLog.findMany(left)
  t.equal(rows.length, 225)
  t.ok(rows.every(({ impersonatorId }) => impersonatorId === 'SAM'))
  await ada.postJson('/impersonate/sessions/end/', { impersonating: 'carl' })
  t.ok((await prisma.impersonationLog.findMany(left)).every(({ impersonatingId }) => impersonatingId === 'Carl'))
})

t.test('the live sessions of one person are theirs', async t => {
  const { app, ada } = await withRows(t, 250, { isOpen: true })
  t.equal((await app.impersonate.sessions.list({ impersonator: 'SAM' })).length, 125)
  const { sessions } = (await ada.getJson('/impersonate/sessions/?impersonator=SAM')).json()
  t.equal(sessions.length, 20)
  for (const { impersonator } of sessions) t.equal(impersonator.id, 'SAM')
})

t.test('the log of one person is theirs, page by page, counted and as a file', async t => {
  const { ada } = await withRows(t, 1300, { countLimit: 100, paginateCount: 50 })
  const seen: string[] = []
  for (let page = 1; page <= 13; page++) {
    const { logs, page: { hasNext }, paginator } = (await ada.getJson(`/impersonate/log/?impersonator=sam&page=${page}`)).json()
    t.equal(logs.length, 50, `page ${page}`)
    t.equal(hasNext, page < 13)
    t.match(paginator, { count: 100, countIsExact: false })
    for (const { id, impersonator } of logs) {
      t.equal(impersonator.id, 'sam')
      seen.push(id)
    }
  }
  t.equal(new Set(seen).size, 650)
  t.same((await ada.getJson('/impersonate/log/?impersonator=sam&page=14')).json().logs, [])
  const both = (await ada.getJson('/impersonate/-/log.jsonl?impersonator=SAM&impersonating=carl')).body.trim().split('\n')
  t.equal(both.length, 217)
  for (const line of both) t.match(JSON.parse(line), { impersonator: { id: 'SAM' }, impersonating: { id: 'carl' } })
})

t.test('few of one person are counted as they are', async t => {
  const { ada } = await withRows(t, 60)
  const { paginator } = (await ada.getJson('/impersonate/log/?impersonating=carl')).json()
  t.match(paginator, { count: 20, countIsExact: true, numPages: 1 })
})
