import t, { type Test } from 'tap'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'
import { faulty, open, openLog, row } from '../kit/database.js'
import type { LogRow } from '../../dist/lib/log/store.js'

t.setTimeout(120_000)

const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }

/** An application with these rows in its log, and ada, a superuser, in front of it. */
async function withRows (t: Test, rows: Array<Partial<LogRow>> = [], options: BuildOptions = {}) {
  const prisma = await openLog(t)
  const made = rows.map(row)
  await prisma.impersonationLog.createMany({ data: made })
  const app = await build(t, { prisma, now: () => Date.parse('2026-01-31T12:00:30Z'), ...options })
  const ada = browser(app)
  await ada.signIn(1)
  const ids = async (query = '') => (await ada.getJson(`/impersonate/log/${query}`)).json().logs.map((log: { id: string }) => log.id)
  const form = async (url: string, payload: string) => await ada.send({ method: 'POST', url, headers: FORM, payload })
  const json = async (method: 'PATCH' | 'DELETE', url: string, payload?: object) => await ada.send({
    method, url, headers: { accept: 'application/json' }, ...(payload === undefined ? {} : { payload })
  })
  const at = (index: number) => made[index]?.id ?? ''
  return { app, prisma, ada, rows: made, at, ids, form, json }
}

t.test('the log lists what happened, newest first', async t => {
  const { ada, at, ids } = await withRows(t, [{ sessionStartedAt: new Date('2026-01-01') }, { sessionStartedAt: new Date('2026-01-03'), reason: 'ticket 7' }, { sessionStartedAt: new Date('2026-01-02') }])
  t.same(await ids(), [at(1), at(2), at(0)])
  const { logs, page, paginator, filters } = (await ada.getJson('/impersonate/log/')).json()
  t.same(logs[0], {
    id: at(1),
    impersonator: { id: '2', name: 'sam' },
    impersonating: { id: '3', name: 'Carl O\'Brien' },
    reason: 'ticket 7',
    readOnly: false,
    sessionStartedAt: '2026-01-03T00:00:00.000Z',
    expiresAt: null,
    lastSeenAt: '2026-01-03T00:00:00.000Z',
    sessionEndedAt: '2026-01-03T00:01:00.000Z',
    duration: 60,
    endReason: 'stopped',
    endedBy: { id: '2', name: 'sam' }
  })
  t.same(page, { number: 1, hasNext: false, hasPrevious: false, next: null, previous: null })
  t.same(paginator, { count: 3, countIsExact: true, numPages: 1, perPage: 20 })
  t.same(filters, { impersonators: [{ id: '2', name: 'sam' }] })
})

t.test('what a start and a stop leave behind is in the log', async t => {
  const { app, ada } = await withRows(t)
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  const running = (await ada.getJson('/impersonate/log/')).json().logs[0]
  t.match(running, { impersonator: { id: '2', name: 'sam' }, impersonating: { id: '3', name: 'Carl O\'Brien' }, sessionEndedAt: null, duration: null, endReason: null, endedBy: null })
  await sam.postJson('/impersonate/stop/')
  const entry = (await ada.getJson(`/impersonate/log/${running.id}/`)).json()
  t.match(entry, { id: running.id, endReason: 'stopped', endedBy: { id: '2', name: 'sam' } })
  t.type(entry.duration, 'number')
})

t.test('an entry says when it would have expired, and by whose id it was ended where the name is lost', async t => {
  const { ada, at } = await withRows(t, [{ expiresAt: new Date('2026-02-01'), endedById: '9', endedByName: null }])
  t.match((await ada.getJson(`/impersonate/log/${at(0)}/`)).json(), { expiresAt: '2026-02-01T00:00:00.000Z', endedBy: { id: '9', name: '9' } })
})

t.test('an entry that nobody ended has no endedBy', async t => {
  const { ada, at } = await withRows(t, [{ endReason: 'expired', endedById: null, endedByName: null }])
  t.match((await ada.getJson(`/impersonate/log/${at(0)}/`)).json(), { endReason: 'expired', endedBy: null })
})

t.test('an entry that is not there is 404', async t => {
  const { ada } = await withRows(t)
  const response = await ada.getJson('/impersonate/log/nothing/')
  t.equal(response.statusCode, 404)
  t.equal(response.json().code, 'FST_IMPERSONATE_LOG_NOT_FOUND')
})

t.test('filters of the log', async t => {
  const { ada, at, ids } = await withRows(t, [
    { sessionStartedAt: new Date('2026-01-01T00:00:00Z') },
    { sessionStartedAt: new Date('2026-01-02T00:00:00Z'), impersonatorId: '1', impersonatorName: 'ada' },
    { sessionStartedAt: new Date('2026-01-02T13:00:00Z'), lastSeenAt: new Date(), impersonatingId: '4', ...open },
    { sessionStartedAt: new Date('2026-01-03T00:00:00Z') }
  ])

  t.test('complete ones', async t => t.same(await ids('?session=complete'), [at(3), at(1), at(0)]))
  t.test('incomplete ones', async t => t.same(await ids('?session=incomplete'), [at(2)]))
  t.test('of one impersonator', async t => t.same(await ids('?impersonator=1'), [at(1)]))
  t.test('of one user', async t => t.same(await ids('?impersonating=4'), [at(2)]))
  t.test('from a day on, that day included', async t => t.same(await ids('?from=2026-01-02'), [at(3), at(2), at(1)]))
  t.test('to a day, that day excluded', async t => t.same(await ids('?to=2026-01-03'), [at(2), at(1), at(0)]))
  t.test('from and to a time', async t => t.same(await ids('?from=2026-01-02T12:00&to=2026-01-02T13:00:01Z'), [at(2)]))
  t.test('a time in another zone', async t => t.same(await ids('?from=2026-01-02T14:00:00%2B01:00&to=2026-01-03'), [at(2)]))
  t.test('all at once', async t => t.same(await ids('?session=complete&impersonator=1&impersonating=3&from=2026-01-02&to=2026-01-03'), [at(1)]))
  t.test('nobody', async t => t.same(await ids('?impersonator=77'), []))
  t.test('empty fields of the form are no filter', async t => {
    t.same(await ids('?session=&impersonator=&impersonating=&from=&to='), [at(3), at(2), at(1), at(0)])
  })
  t.test('the form shows what was asked for', async t => {
    const { body } = await ada.get('/impersonate/log/?session=incomplete&impersonator=1&impersonating=4&from=2026-01-02&to=2026-01-03', { accept: 'text/html' })
    t.match(body, '<option value="incomplete" selected>')
    t.match(body, '<option value="1" selected>ada</option>')
    t.match(body, 'name="impersonating" value="4"')
    t.match(body, 'name="from" value="2026-01-02"')
    t.match(body, 'name="to" value="2026-01-03"')
    t.match(body, 'There is nothing here.')
  })
})

t.test('what does not fit in a filter is 400 and names the field', async t => {
  const { ada } = await withRows(t)
  for (const [query, field] of [
    ['session=open', 'session'], ['from=yesterday', 'from'], ['to=2026-13-01', 'to'], ['from=2026-02-31', 'from'], ['to=2026-02-30T10:00:00Z', 'to'],
    ['from=2026-01-01T25:00', 'from'], ['from=0000-01-01', 'from'], ['page=0', 'page'], ['page=x', 'page'], ['impersonator=%00', 'impersonator']
  ] as Array<[string, string]>) {
    const response = await ada.getJson(`/impersonate/log/?${query}`)
    t.equal(response.statusCode, 400, query)
    t.match(response.json(), { code: 'FST_IMPERSONATE_INVALID_INPUT', message: new RegExp(`"${field}"`) }, query)
  }
})

t.test('a leap day is a date', async t => {
  const { ada } = await withRows(t)
  t.equal((await ada.getJson('/impersonate/log/?from=2028-02-29')).statusCode, 200)
  t.equal((await ada.getJson('/impersonate/log/?from=2027-02-29')).statusCode, 400)
})

t.test('the log has pages, whose links keep the filters', async t => {
  const { ada, at, ids } = await withRows(t, Array.from({ length: 5 }, (unused, day) => ({ sessionStartedAt: new Date(Date.UTC(2026, 0, day + 1)) })), { paginateCount: 2 })
  t.same(await ids('?page=1&session=complete'), [at(4), at(3)])
  t.same(await ids('?page=3'), [at(0)])
  const { page, paginator } = (await ada.getJson('/impersonate/log/?session=complete&impersonator=&page=2')).json()
  t.same(page, { number: 2, hasNext: true, hasPrevious: true, next: '/impersonate/log/?session=complete&page=3', previous: '/impersonate/log/?session=complete&page=1' })
  t.same(paginator, { count: 5, countIsExact: true, numPages: 3, perPage: 2 })
  t.same(await ids('?page=9'), [])
})

t.test('entries of one moment have one order on all pages', async t => {
  const { at, ids } = await withRows(t, [{}, {}, {}], { paginateCount: 2 })
  t.same([...await ids(), ...await ids('?page=2')], [at(2), at(1), at(0)])
})

t.test('counting stops at countLimit', async t => {
  const { ada } = await withRows(t, [{}, {}, {}], { countLimit: 2 })
  t.match((await ada.getJson('/impersonate/log/')).json().paginator, { count: 2, countIsExact: false })
  t.match((await ada.get('/impersonate/log/', { accept: 'text/html' })).body, '2+ entries')
})

t.test('the filter offers at most maxFilterSize impersonators, each once and sorted by name', async t => {
  const { ada } = await withRows(t, [
    { impersonatorId: '10', impersonatorName: 'zoe' }, { impersonatorId: '11', impersonatorName: 'amy' }, { impersonatorId: '11', impersonatorName: 'amy' }, { impersonatorId: '12', impersonatorName: 'bob' }
  ], { maxFilterSize: 2 })
  t.same((await ada.getJson('/impersonate/log/')).json().filters.impersonators, [{ id: '11', name: 'amy' }, { id: '12', name: 'bob' }])
})

t.test('an impersonator is offered under the name that was theirs last', async t => {
  const { ada } = await withRows(t, [
    { impersonatorId: '7', impersonatorName: 'new', sessionStartedAt: new Date('2026-03-01') }, { impersonatorId: '7', impersonatorName: 'old', sessionStartedAt: new Date('2026-01-01') }
  ])
  t.same((await ada.getJson('/impersonate/log/')).json().filters.impersonators, [{ id: '7', name: 'new' }])
})

t.test('the filter keeps up with the log', async t => {
  const prisma = await openLog(t)
  const rows = Array.from({ length: 20 }, (unused, n) => row({ impersonatorId: `p${n + 10}`, impersonatorName: `person ${n + 10}` }))
  await prisma.impersonationLog.createMany({ data: rows })
  let asked = 0
  const counted = async (args: unknown, real: (args: unknown) => unknown) => { asked++; return await real(args) }
  const app = await build(t, { prisma: faulty(prisma, { findFirst: counted, findMany: counted }), adminReadOnly: false, adminDeletePermission: true, adminAddPermission: true })
  const ada = browser(app)
  await ada.signIn(1)
  const json = { accept: 'application/json' }
  const offered = async () => {
    asked = 0
    return (await ada.getJson('/impersonate/log/')).json().filters.impersonators.map(({ name }: { name: string }) => name)
  }
  const all = rows.map(({ impersonatorName }) => impersonatorName)
  t.same(await offered(), all)
  t.ok(asked > 20, 'a step for each at first')
  t.same(await offered(), all)
  t.equal(asked, 4, 'then a sweep of what is over and of what was not reported, the page, and what has begun since')

  await t.test('a start in another process, and a new name', async t => {
    await prisma.impersonationLog.createMany({
      data: [row({ impersonatorId: 'new', impersonatorName: 'newcomer' }), row({ impersonatorId: 'p10', impersonatorName: 'renamed', sessionStartedAt: new Date('2026-02-01') })]
    })
    t.same(await offered(), ['newcomer', ...all.slice(1), 'renamed'])
    t.equal(asked, 4)
  })

  await t.test('an entry of long ago, and one that is deleted', async t => {
    const times = { sessionStartedAt: '2020-01-01T00:00:00.000Z', sessionEndedAt: '2020-01-01T00:01:00.000Z' }
    const { statusCode } = await ada.send({ method: 'POST', url: '/impersonate/log/', headers: json, payload: { impersonatorId: '2', impersonatingId: '3', ...times } })
    t.equal(statusCode, 201)
    t.same(await offered(), ['newcomer', ...all.slice(1), 'renamed', 'sam'])
    t.equal((await ada.send({ method: 'DELETE', url: `/impersonate/log/${rows[19]?.id}/`, headers: json })).statusCode, 204)
    t.same(await offered(), ['newcomer', ...all.slice(1, -1), 'renamed', 'sam'])
  })

  await t.test('more than it reads at once, and an hour later', async t => {
    const longAgo = (name: string) => row({ impersonatorId: name, impersonatorName: name, sessionStartedAt: new Date('2019-01-01') })
    await prisma.impersonationLog.create({ data: longAgo('one') })
    t.notOk((await offered()).includes('one'))
    await prisma.impersonationLog.createMany({ data: Array.from({ length: 1000 }, () => row({ sessionStartedAt: new Date('2026-02-01') })) })
    t.ok((await offered()).includes('one'))
    await prisma.impersonationLog.create({ data: longAgo('two') })
    const { now } = performance
    t.teardown(() => { performance.now = now })
    performance.now = () => now.call(performance) + 3_600_001
    t.ok((await offered()).includes('two'))
  })

  await t.test('a row whose clock was ahead hides nobody who comes after it', async t => {
    const ahead = row({ impersonatorId: 'ahead', impersonatorName: 'ahead', sessionStartedAt: new Date(Date.now() + 864e5) })
    await prisma.impersonationLog.create({ data: ahead })
    t.ok((await offered()).includes('ahead'))
    await prisma.impersonationLog.create({ data: row({ impersonatorId: 'after', impersonatorName: 'after', sessionStartedAt: new Date() }) })
    t.ok((await offered()).includes('after'))
    await prisma.impersonationLog.deleteMany({ where: { impersonatorId: { in: ['ahead', 'after'] } } })
  })
})

t.test('the pages escape everything', async t => {
  const hostile = '<script>alert("1")</script>'
  const { ada, at } = await withRows(t, [{
    impersonatorId: hostile, impersonatorName: hostile, impersonatingId: hostile, impersonatingName: hostile, reason: hostile, userAgent: hostile, ipAddress: hostile, endedById: '1', endedByName: hostile
  }], { adminReadOnly: false, adminDeletePermission: true, adminAddPermission: true })
  for (const url of ['/impersonate/log/', `/impersonate/log/${at(0)}/`, `/impersonate/log/?impersonating=${encodeURIComponent(hostile)}`]) {
    const { statusCode, headers, body } = await ada.get(url, { accept: 'text/html' })
    t.equal(statusCode, 200)
    t.match(headers, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
    t.notMatch(body, '<script>')
    t.match(body, '&lt;script')
  }
})

t.test('an entry has a page of its own', async t => {
  const { ada, at } = await withRows(t, [{ reason: 'ticket 7', userAgent: 'Firefox', readOnly: true }, open])
  const { statusCode, body } = await ada.get(`/impersonate/log/${at(0)}/`, { accept: 'text/html' })
  t.equal(statusCode, 200)
  for (const text of ['ticket 7', 'Firefox', '<dd>1 min', '127.0.0.1', 'Stopped', 'by sam', 'Carl O&#39;Brien</bdi> <span class="hint">(3)<']) t.match(body, text)
  t.notMatch(body, '<form')
  t.match((await ada.get(`/impersonate/log/${at(1)}/`, { accept: 'text/html' })).body, 'Running')
})

t.test('the pages offer what the options allow and only for what has ended', async t => {
  const { ada, at } = await withRows(t, [{}, open], { adminReadOnly: false, adminDeletePermission: true, adminAddPermission: true })
  const list = (await ada.get('/impersonate/log/', { accept: 'text/html' })).body
  t.match(list, 'method="post" action="/impersonate/log/">')
  const closed = (await ada.get(`/impersonate/log/${at(0)}/`, { accept: 'text/html' })).body
  t.match(closed, `action="/impersonate/log/${at(0)}/"`)
  t.match(closed, `action="/impersonate/log/${at(0)}/delete/"`)
  t.notMatch((await ada.get(`/impersonate/log/${at(1)}/`, { accept: 'text/html' })).body, '<form')
})

t.test('who sees the log', async t => {
  t.test('nobody who is not signed in', async t => {
    const { app, at } = await withRows(t, [{}])
    t.match((await browser(app).getJson('/impersonate/log/')).json(), { statusCode: 401, code: 'FST_IMPERSONATE_NOT_AUTHENTICATED' })
    t.equal((await browser(app).get('/impersonate/log/?session=complete', { accept: 'text/html' })).headers.location, '/login?next=%2Fimpersonate%2Flog%2F%3Fsession%3Dcomplete')
    t.equal((await browser(app).getJson(`/impersonate/log/${at(0)}/`)).statusCode, 401)
  })

  t.test('no staff who are not superusers, whatever they would do', async t => {
    const { app, at, prisma } = await withRows(t, [{}], { adminReadOnly: false, adminDeletePermission: true, adminAddPermission: true })
    const sam = browser(app)
    await sam.signIn(2)
    for (const [method, url, payload] of [
      ['GET', '/impersonate/log/'], ['GET', `/impersonate/log/${at(0)}/`], ['PATCH', `/impersonate/log/${at(0)}/`, { reason: 'x' }], ['POST', `/impersonate/log/${at(0)}/`, { reason: 'x' }],
      ['DELETE', `/impersonate/log/${at(0)}/`], ['POST', `/impersonate/log/${at(0)}/delete/`, {}],
      ['POST', '/impersonate/log/', { impersonatorId: '2', impersonatingId: '3', sessionStartedAt: '2026-01-01', sessionEndedAt: '2026-01-02' }]
    ] as Array<['GET' | 'POST' | 'PATCH' | 'DELETE', string, object?]>) {
      const response = await sam.send({ method, url, headers: { accept: 'application/json' }, ...(payload === undefined ? {} : { payload }) })
      t.match(response.json(), { statusCode: 403, code: 'FST_IMPERSONATE_FORBIDDEN' }, `${method} ${url}`)
    }
    t.equal((await sam.get('/impersonate/log/', { accept: 'text/html' })).headers.location, '/')
    t.match(await prisma.impersonationLog.findMany(), [{ id: at(0), reason: null }])
  })

  t.test('those whom adminAllow lets in, and no other', async t => {
    const seen: unknown[] = []
    const { app, ada } = await withRows(t, [{}], { adminAllow: async request => { seen.push(request.user?.id); return request.user?.id === 2 } })
    const sam = browser(app)
    await sam.signIn(2)
    t.equal((await sam.getJson('/impersonate/log/')).statusCode, 200)
    t.equal((await ada.getJson('/impersonate/log/')).statusCode, 403)
    t.same(seen, [2, 1])
  })

  t.test('no inactive superuser, whatever adminAllow says', async t => {
    const everyone = [...people(), person(9, 'old', { isSuperuser: true, isActive: false })]
    const { app } = await withRows(t, [], { people: everyone, adminAllow: () => true })
    const old = browser(app)
    await old.signIn(9)
    t.equal((await old.getJson('/impersonate/log/')).statusCode, 403)
  })

  t.test('nobody where adminAllow fails', async t => {
    const { ada } = await withRows(t, [], { adminAllow: () => { throw new Error('down') } })
    t.match((await ada.getJson('/impersonate/log/')).json(), { statusCode: 503, code: 'FST_IMPERSONATE_UNAVAILABLE' })
  })

  t.test('nobody while impersonating', async t => {
    const { ada, at } = await withRows(t, [{}])
    await ada.postJson('/impersonate/3/')
    for (const url of ['/impersonate/log/', `/impersonate/log/${at(0)}/`]) {
      t.match((await ada.getJson(url)).json(), { statusCode: 409, code: 'FST_IMPERSONATE_ALREADY_ACTIVE' })
      const page = await ada.get(url, { accept: 'text/html' })
      t.match(page, { statusCode: 302, headers: { location: '/' } })
    }
  })
})

t.test('each change of the log needs its own option', async t => {
  const options = [{}, { adminAddPermission: true }, { adminReadOnly: false }, { adminDeletePermission: true }]
  for (const [index, given] of options.entries()) {
    t.test(JSON.stringify(given), async t => {
      const { ada, at, json } = await withRows(t, [{}, {}, {}, {}], given)
      const added = await ada.postJson('/impersonate/log/', { impersonatorId: '2', impersonatingId: '3', sessionStartedAt: '2026-01-01', sessionEndedAt: '2026-01-02' })
      const edited = [await json('PATCH', `/impersonate/log/${at(0)}/`, { reason: 'x' }), await ada.postJson(`/impersonate/log/${at(1)}/`, { reason: 'x' })]
      const removed = [await json('DELETE', `/impersonate/log/${at(2)}/`), await ada.postJson(`/impersonate/log/${at(3)}/delete/`, {})]
      const answers: Array<[typeof added, number, number, string]> = [
        [added, 1, 201, 'adminAddPermission'],
        ...edited.map((response): [typeof added, number, number, string] => [response, 2, 200, 'adminReadOnly']),
        ...removed.map((response): [typeof added, number, number, string] => [response, 3, 204, 'adminDeletePermission'])
      ]
      for (const [response, needs, status, option] of answers) {
        t.equal(response.statusCode, needs === index ? status : 405)
        if (needs !== index) t.match(response.json(), { code: 'FST_IMPERSONATE_LOG_READ_ONLY', message: new RegExp(option) })
      }
    })
  }
})

t.test('a closed entry is added by hand, with the names of today', async t => {
  const { ada, prisma } = await withRows(t, [], { adminAddPermission: true })
  const response = await ada.postJson('/impersonate/log/', {
    impersonatorId: '2', impersonatingId: '77', sessionStartedAt: '2026-01-01T10:00', sessionEndedAt: '2026-01-01T10:30:00Z', reason: 'by telephone'
  })
  t.equal(response.statusCode, 201)
  t.match(response.json(), {
    impersonator: { id: '2', name: 'sam' },
    impersonating: { id: '77', name: '77' },
    reason: 'by telephone',
    sessionStartedAt: '2026-01-01T10:00:00.000Z',
    sessionEndedAt: '2026-01-01T10:30:00.000Z',
    duration: 1800
  })
  const [saved] = await prisma.impersonationLog.findMany()
  t.match(saved, { id: response.json().id, openKey: null, sessionKey: /^[\w-]{43}$/ })
  t.match((await ada.getJson(`/impersonate/log/${response.json().id}/`)).json(), response.json())
})

t.test('an entry is added by a form, without a reason', async t => {
  const { form, prisma } = await withRows(t, [], { adminAddPermission: true })
  const response = await form('/impersonate/log/', 'impersonatorId=2&impersonatingId=3&sessionStartedAt=2026-01-01&sessionEndedAt=2026-01-01&reason=')
  const [saved] = await prisma.impersonationLog.findMany()
  t.match(response, { statusCode: 302, headers: { location: `/impersonate/log/${saved?.id}/` } })
  t.match(saved, { reason: null, impersonatingName: 'Carl O\'Brien' })
})

t.test('an entry with missing, wrong or further fields is not added', async t => {
  const { ada, prisma } = await withRows(t, [], { adminAddPermission: true })
  const fits = { impersonatorId: '2', impersonatingId: '3', sessionStartedAt: '2026-01-01', sessionEndedAt: '2026-01-02' }
  for (const [change, field] of [
    [{ impersonatorId: undefined }, 'impersonatorId'], [{ impersonatingId: '' }, 'impersonatingId'], [{ impersonatorId: 2 }, 'impersonatorId'],
    [{ sessionStartedAt: '2026-02-31' }, 'sessionStartedAt'], [{ sessionEndedAt: '' }, 'sessionEndedAt'], [{ sessionEndedAt: '2025-12-31' }, 'sessionEndedAt'], [{ reason: 'x'.repeat(1001) }, 'reason'],
    [{ sessionEndedAt: null }, 'sessionEndedAt'], [{ id: 'mine' }, 'id'], [{ sessionKey: 'mine' }, 'sessionKey'], [{ openKey: 'x' }, 'openKey']
  ] as Array<[object, string]>) {
    const response = await ada.postJson('/impersonate/log/', { ...fits, ...change })
    t.match(response.json(), { statusCode: 400, code: 'FST_IMPERSONATE_INVALID_INPUT', message: new RegExp(`"${field}"`) }, JSON.stringify(change))
  }
  t.equal(await prisma.impersonationLog.count(), 0)
})

t.test('changing an entry', async t => {
  t.test('changes its reason and nothing else', async t => {
    const { at, json, prisma, rows } = await withRows(t, [{ reason: 'old' }], { adminReadOnly: false })
    const response = await json('PATCH', `/impersonate/log/${at(0)}/`, { reason: 'new' })
    t.match(response, { statusCode: 200 })
    t.match(response.json(), { id: at(0), reason: 'new' })
    t.match(await prisma.impersonationLog.findMany(), [{ ...rows[0], reason: 'new' }])
  })

  t.test('takes null for no reason', async t => {
    const { at, json } = await withRows(t, [{ reason: 'old' }], { adminReadOnly: false })
    t.equal((await json('PATCH', `/impersonate/log/${at(0)}/`, { reason: null })).json().reason, null)
  })

  t.test('takes a form', async t => {
    const { at, form, prisma } = await withRows(t, [{ id: 'an id/with a slash', reason: 'old' }], { adminReadOnly: false })
    const url = `/impersonate/log/${encodeURIComponent(at(0))}/`
    t.match(await form(url, 'reason=new'), { statusCode: 302, headers: { location: url } })
    t.match(await prisma.impersonationLog.findMany(), [{ reason: 'new' }])
  })

  t.test('takes no other field', async t => {
    const { at, json, prisma } = await withRows(t, [{}], { adminReadOnly: false })
    for (const body of [{ reason: 'new', impersonatorId: '9' }, { endReason: 'expired' }, {}]) {
      t.equal((await json('PATCH', `/impersonate/log/${at(0)}/`, body)).statusCode, 400)
    }
    t.match(await prisma.impersonationLog.findMany(), [{ reason: null, impersonatorId: '2' }])
  })

  t.test('needs one that is there', async t => {
    const { json } = await withRows(t, [], { adminReadOnly: false })
    t.match((await json('PATCH', '/impersonate/log/nothing/', { reason: 'x' })).json(), { statusCode: 404, code: 'FST_IMPERSONATE_LOG_NOT_FOUND' })
  })

  t.test('needs one that has ended', async t => {
    const { at, json, prisma } = await withRows(t, [open], { adminReadOnly: false })
    t.match((await json('PATCH', `/impersonate/log/${at(0)}/`, { reason: 'x' })).json(), { statusCode: 409, code: 'FST_IMPERSONATE_LOG_OPEN' })
    t.match(await prisma.impersonationLog.findMany(), [{ reason: null }])
  })
})

t.test('deleting an entry', async t => {
  t.test('takes it away', async t => {
    const { at, json, prisma } = await withRows(t, [{}, {}], { adminDeletePermission: true })
    const response = await json('DELETE', `/impersonate/log/${at(0)}/`)
    t.match(response, { statusCode: 204, body: '' })
    t.match(await prisma.impersonationLog.findMany(), [{ id: at(1) }])
  })

  t.test('takes a form', async t => {
    const { at, form, prisma } = await withRows(t, [{}], { adminDeletePermission: true })
    t.match(await form(`/impersonate/log/${at(0)}/delete/`, ''), { statusCode: 302, headers: { location: '/impersonate/log/' } })
    t.equal(await prisma.impersonationLog.count(), 0)
  })

  t.test('needs one that is there', async t => {
    const { json } = await withRows(t, [], { adminDeletePermission: true })
    t.match((await json('DELETE', '/impersonate/log/nothing/')).json(), { statusCode: 404, code: 'FST_IMPERSONATE_LOG_NOT_FOUND' })
  })

  t.test('needs one that has ended', async t => {
    const { ada, at, json, prisma } = await withRows(t, [open], { adminDeletePermission: true })
    t.match((await json('DELETE', `/impersonate/log/${at(0)}/`)).json(), { statusCode: 409, code: 'FST_IMPERSONATE_LOG_OPEN' })
    t.match((await ada.postJson(`/impersonate/log/${at(0)}/delete/`)).json(), { statusCode: 409, code: 'FST_IMPERSONATE_LOG_OPEN' })
    t.equal(await prisma.impersonationLog.count(), 1)
  })
})

t.test('a page of another site changes nothing', async t => {
  const { ada, at, prisma } = await withRows(t, [{}], { adminDeletePermission: true })
  const response = await ada.post(`/impersonate/log/${at(0)}/delete/`, {}, { accept: 'application/json', 'sec-fetch-site': 'cross-site' })
  t.match(response.json(), { statusCode: 403, code: 'FST_IMPERSONATE_CROSS_SITE' })
  t.equal(await prisma.impersonationLog.count(), 1)
})

t.test('an entry that goes between look-up and change is 404', async t => {
  const prisma = await openLog(t)
  const kept = row()
  await prisma.impersonationLog.create({ data: kept })
  const none = () => ({ count: 0 })
  const app = await build(t, { prisma: faulty(prisma, { updateMany: none, deleteMany: none }), adminReadOnly: false, adminDeletePermission: true })
  const ada = browser(app)
  await ada.signIn(1)
  t.equal((await ada.postJson(`/impersonate/log/${kept.id}/`, { reason: 'x' })).statusCode, 404)
  t.equal((await ada.postJson(`/impersonate/log/${kept.id}/delete/`)).statusCode, 404)
})
