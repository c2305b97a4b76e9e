import t, { type Test } from 'tap'
import { browser, build, type BuildOptions } from '../kit/build.js'
import { faulty, open, openLog, row } from '../kit/database.js'
import type { LogRow } from '../../dist/lib/log/store.js'

t.setTimeout(120_000)

async function withRows (t: Test, rows: Array<Partial<LogRow>>, options: BuildOptions = {}, id = 1) {
  const prisma = await openLog(t)
  const made = rows.map(row)
  await prisma.impersonationLog.createMany({ data: made })
  const app = await build(t, { prisma, now: () => Date.parse('2026-02-01T00:00:00Z'), ...options })
  const someone = browser(app)
  await someone.signIn(id)
  return { app, prisma, someone, rows: made }
}

/** Whether these are the arguments of a download's query, which has the order of the list and no page. */
const isDownload = (args: unknown) => Array.isArray(Reflect.get(Object(args), 'orderBy')) && !Reflect.has(Object(args), 'skip') && !Reflect.has(Object(args), 'distinct')

const lines = (body: string) => body.split('\n').filter(line => line !== '').map(line => JSON.parse(line))

t.test('the log as CSV', async t => {
  const { someone: ada } = await withRows(t, [{ id: 'one', reason: 'he said "no", twice', userAgent: 'Firefox\n1', expiresAt: new Date('2026-01-31T13:00:00Z') }])
  const { statusCode, headers, body } = await ada.get('/impersonate/-/log.csv')
  t.equal(statusCode, 200)
  t.match(headers, {
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="impersonation-log-2026-02-01.csv"',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff'
  })
  t.equal(body, [
    '\ufeffid,impersonatorId,impersonatorName,impersonatingId,impersonatingName,reason,readOnly,sessionStartedAt,expiresAt,lastSeenAt,sessionEndedAt,duration,endReason,endedById,endedByName,ipAddress,userAgent',
    '"one","2","sam","3","Carl O\'Brien","he said ""no"", twice","false","2026-01-31T12:00:00.000Z","2026-01-31T13:00:00.000Z","2026-01-31T12:00:00.000Z","2026-01-31T12:01:00.000Z","60","stopped","2","sam","127.0.0.1","Firefox\n1"',
    ''
  ].join('\r\n'))
})

for (const between of [';', ' ; ', '\t', ';"', '; ', '\n', ';\t']) {
  t.test(`nor what follows ${JSON.stringify(between)}, where lines are split there`, async t => {
    const { someone: ada } = await withRows(t, [{ reason: null, impersonatingName: `Carl${between}=HYPERLINK("x")` }])
    const { body } = await ada.get('/impersonate/-/log.csv')
    t.notMatch(body, /[;\t\n]["\s]*=/)
    t.match(body, '\'=HYPERLINK(""x"")"')
  })
}

for (const start of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
  t.test(`a spreadsheet takes no text for a formula that starts with ${JSON.stringify(start)}`, async t => {
    const { someone: ada } = await withRows(t, [{ reason: `${start}HYPERLINK("x")`, impersonatingName: `${start}1` }])
    const { body } = await ada.get('/impersonate/-/log.csv')
    t.match(body, `"'${start}HYPERLINK(""x"")"`)
    t.match(body, `"'${start}1"`)
  })
}

t.test('the log as JSON Lines, one entry each, as on its page and with where it came from', async t => {
  const { someone: ada, rows } = await withRows(t, [{ sessionStartedAt: new Date('2026-01-01') }, { ...open, sessionStartedAt: new Date('2026-01-31T23:30:00Z'), userAgent: 'Firefox' }])
  const response = await ada.get('/impersonate/-/log.jsonl')
  t.match(response.headers, { 'content-type': 'application/jsonl; charset=utf-8', 'content-disposition': 'attachment; filename="impersonation-log-2026-02-01.jsonl"' })
  const { logs } = (await ada.getJson('/impersonate/log/')).json()
  t.same(lines(response.body), [{ ...logs[0], ipAddress: '127.0.0.1', userAgent: 'Firefox' }, { ...logs[1], ipAddress: '127.0.0.1', userAgent: null }])
  t.same(lines(response.body).map(({ id }) => id), [rows[1]?.id, rows[0]?.id])
})

t.test('the filters of the page are those of the file, and the page links to it with them', async t => {
  const { someone: ada, rows } = await withRows(t, [{ impersonatorId: '1' }, {}, { impersonatorId: '1', sessionStartedAt: new Date('2025-01-01') }])
  const query = '?session=complete&impersonator=1&from=2026-01-01'
  const page = (await ada.get(`/impersonate/log/${query}`, { accept: 'text/html' })).body
  const [, address = ''] = /href="([^"]+log\.jsonl[^"]*)"/.exec(page) ?? []
  t.equal(address.replaceAll('&amp;', '&'), `/impersonate/-/log.jsonl${query}`)
  t.same(lines((await ada.get(address.replaceAll('&amp;', '&'))).body).map(({ id }) => id), [rows[0]?.id])
})

t.test('an empty log is a file with its head', async t => {
  const { someone: ada } = await withRows(t, [])
  t.match((await ada.get('/impersonate/-/log.csv')).body, /^[^\n]+\r\n$/)
  t.equal((await ada.get('/impersonate/-/log.jsonl')).body, '')
})

t.test('a long log is read in pieces, each entry once, also where many are of one moment', async t => {
  const { someone: ada, prisma } = await withRows(t, Array.from({ length: 1203 }, (unused, index) => ({ sessionStartedAt: new Date(Date.UTC(2026, 0, 1 + index % 3)) })))
  let reads = 0
  const client = faulty(prisma, { findMany: (args, real) => { if (isDownload(args)) reads++; return real(args) } })
  const app = await build(t, { prisma: client, now: () => Date.parse('2026-02-01T00:00:00Z') })
  const eve = browser(app)
  await eve.signIn(1)
  const ids = lines((await eve.get('/impersonate/-/log.jsonl')).body).map(({ id }) => id)
  t.equal(ids.length, 1203)
  t.equal(new Set(ids).size, 1203)
  t.same(ids.slice(0, 20), (await ada.getJson('/impersonate/log/')).json().logs.map(({ id }: { id: string }) => id))
  t.equal(reads, 3)
})

t.test('HEAD says what a GET would be, and reads nothing', async t => {
  let reads = 0
  const prisma = await openLog(t)
  const app = await build(t, { prisma: faulty(prisma, { findMany: (args, real) => { reads += Number(isDownload(args)); return real(args) } }) })
  const ada = browser(app)
  await ada.signIn(1)
  const { statusCode, headers } = await ada.send({ method: 'HEAD', url: '/impersonate/-/log.csv' })
  t.equal(statusCode, 200)
  t.match(headers['content-type'], 'text/csv')
  t.equal(reads, 0)
})

t.test('only who sees the log may take it along, and nobody while impersonating', async t => {
  const { app, someone: sam } = await withRows(t, [{}], {}, 2)
  t.equal((await browser(app).getJson('/impersonate/-/log.csv')).json().code, 'FST_IMPERSONATE_NOT_AUTHENTICATED')
  t.equal((await sam.getJson('/impersonate/-/log.csv')).json().code, 'FST_IMPERSONATE_FORBIDDEN')
  const ada = browser(app)
  await ada.signIn(1)
  await ada.post('/impersonate/3/')
  t.equal((await ada.getJson('/impersonate/-/log.csv')).json().code, 'FST_IMPERSONATE_ALREADY_ACTIVE')
})

t.test('what does not fit is 400 and names the field', async t => {
  const { someone: ada } = await withRows(t, [])
  for (const [query, field] of [['session=x', 'session'], ['from=2026-02-31', 'from']]) {
    t.match((await ada.getJson(`/impersonate/-/log.csv?${query}`)).json(), { code: 'FST_IMPERSONATE_INVALID_INPUT', message: new RegExp(`"${field}"`) })
  }
})

t.test('a log that is down is 503', async t => {
  const { prisma } = await withRows(t, [])
  const app = await build(t, { prisma: faulty(prisma, { findMany: () => { throw new Error('down') } }) })
  const ada = browser(app)
  await ada.signIn(1)
  t.match((await ada.getJson('/impersonate/-/log.csv')).json(), { statusCode: 503, code: 'FST_IMPERSONATE_UNAVAILABLE' })
})

t.test('a log that goes down meanwhile breaks the download off: half a log is never taken for the whole', async t => {
  const { prisma } = await withRows(t, Array.from({ length: 501 }, () => ({})))
  let reads = 0
  const app = await build(t, {
    prisma: faulty(prisma, {
      findMany: (args, real) => {
        if (isDownload(args) && ++reads > 1) throw new Error('down')
        return real(args)
      }
    })
  })
  const ada = browser(app)
  await ada.signIn(1)
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const cookie = [...ada.jar].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ')
  const response = await fetch(`${origin}/impersonate/-/log.jsonl`, { headers: { cookie } })
  t.equal(response.status, 200)
  await t.rejects(response.text())
})

t.test('without a log there is no file', async t => {
  const ada = browser(await build(t, { disableLogging: true }))
  await ada.signIn(1)
  t.equal((await ada.get('/impersonate/-/log.csv')).statusCode, 404)
})
