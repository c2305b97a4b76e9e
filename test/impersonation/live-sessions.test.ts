import t, { type Test } from 'tap'
import type { SessionEvent } from '../../dist/lib/types/index.js'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'
import { openLog } from '../kit/database.js'

const START = Date.parse('2026-01-31T12:00:00Z')
const everyone = () => [...people(), person(7, 'stan', { isStaff: true })]

/** sam sees carl, stan sees carl too, sue sees cleo; ada looks on. */
async function busy (t: Test, options: BuildOptions = {}) {
  const clock = { at: START }
  const events: SessionEvent[] = []
  const prisma = await openLog(t)
  const app = await build(t, { prisma, people: everyone(), now: () => clock.at++, onSessionEnd: event => { events.push(event) }, ...options })
  const [sam, stan, sue, ada] = [browser(app), browser(app), browser(app), browser(app)]
  for (const [someone, id, target] of [[sam, 2, 3], [stan, 7, 3], [sue, 6, 4]] as const) {
    await someone.signIn(id)
    t.equal((await someone.postJson(`/impersonate/${target}/`, { reason: `ticket ${id}` })).statusCode, 201)
  }
  await ada.signIn(1)
  const live = async (query = ''): Promise<Array<Record<string, unknown>>> => (await ada.getJson(`/impersonate/sessions/${query}`)).json().sessions
  const names = async (query = '') => (await live(query)).map(({ impersonator }) => Reflect.get(Object(impersonator), 'name'))
  const idOf = async (name: string) => String((await live()).find(({ impersonator }) => Reflect.get(Object(impersonator), 'name') === name)?.['id'])
  return { app, prisma, clock, events, sam, stan, sue, ada, live, names, idOf }
}

const seenAs = async (someone: ReturnType<typeof browser>) => {
  const body = (await someone.getJson('/who')).json()
  return body.endReason ?? body.user
}

t.test('the live sessions: who is in as whom, since when, why, last seen, and until when at most', async t => {
  const { live, ada } = await busy(t, { maxDuration: 3600, idleTimeout: 600 })
  const [newest, ...others] = await live()
  t.match(newest, {
    impersonator: { id: '6', name: 'sue' },
    impersonating: { id: '4', name: 'cleo' },
    reason: 'ticket 6',
    sessionEndedAt: null,
    endReason: null,
    endedBy: null,
    duration: null
  })
  const started = Date.parse(String(newest?.['sessionStartedAt']))
  t.equal(newest?.['expiresAt'], new Date(started + 3_600_000).toISOString())
  t.equal(newest?.['endsAt'], new Date(started + 600_000).toISOString(), 'the first of its deadlines')
  t.equal(others.length, 2)
  const { page } = (await ada.getJson('/impersonate/sessions/')).json()
  t.same(page, { number: 1, hasNext: false, hasPrevious: false, next: null, previous: null })
})

t.test('they have pages and filters', async t => {
  const { names, ada } = await busy(t, { paginateCount: 2 })
  t.same(await names(), ['sue', 'stan'])
  t.same(await names('?page=2'), ['sam'])
  t.match((await ada.getJson('/impersonate/sessions/?impersonating=3&page=1')).json().page, { next: null })
  t.equal((await ada.getJson('/impersonate/sessions/')).json().page.next, '/impersonate/sessions/?page=2')
  t.same(await names('?impersonating=3'), ['stan', 'sam'])
  t.same(await names('?impersonator=2&impersonating=3'), ['sam'])
  t.same(await names('?impersonator='), ['sue', 'stan'], 'a filter left empty is none')
  t.equal((await ada.getJson('/impersonate/sessions/?page=0')).statusCode, 400)
})

t.test('the page of live sessions', async t => {
  const { ada, idOf } = await busy(t)
  const { body, headers } = await ada.get('/impersonate/sessions/', { accept: 'text/html' })
  t.match(headers['cache-control'], 'no-store')
  for (const text of ['sam', 'Carl O&#39;Brien', 'ticket 7', `/impersonate/sessions/${await idOf('sue')}/end/`]) t.match(body, text)
  const form = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }
  const ended = await ada.send({ method: 'POST', url: '/impersonate/sessions/end/', headers: form, payload: '_impersonation=none&all=true' })
  t.equal(ended.statusCode, 302)
  t.equal(ended.headers.location, '/impersonate/sessions/')
  t.notMatch((await ada.get('/impersonate/sessions/', { accept: 'text/html' })).body, 'Carl')
})

t.test('ending one is over on the next request, recorded with who did it', async t => {
  const { sam, stan, ada, idOf, events, names } = await busy(t)
  const answer = await ada.postJson(`/impersonate/sessions/${await idOf('sam')}/end/`)
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { endReason: 'revoked', endedBy: { id: '1', name: 'ada' }, impersonator: { id: '2' } })
  t.equal(await seenAs(sam), 'revoked')
  await sam.postJson('/impersonate/stop/')
  t.equal(await seenAs(sam), 2)
  t.equal(await seenAs(stan), 3)
  t.same(await names(), ['sue', 'stan'])
  t.equal(events.length, 1)
  t.match(events[0], { endReason: 'revoked', impersonator: { username: 'sam' }, impersonating: { username: 'carl' }, log: { endedById: '1', reason: 'ticket 2' } })
  t.equal(events[0]?.request?.realUser?.id, 1)
})

t.test('the page says who ended it', async t => {
  const { sam, ada, idOf } = await busy(t)
  await ada.send({ method: 'DELETE', url: `/impersonate/sessions/${await idOf('sam')}/` })
  t.match((await sam.get('/who', { accept: 'text/html' })).body, 'It was ended by ada')
})

t.test('ending twice changes nothing, and what is unknown is 404', async t => {
  const { ada, sam, idOf, events } = await busy(t)
  const id = await idOf('sam')
  await sam.postJson('/impersonate/stop/')
  t.match((await ada.send({ method: 'DELETE', url: `/impersonate/sessions/${id}/` })).json(), { endReason: 'stopped', endedBy: { name: 'sam' } })
  t.equal(events.length, 1)
  t.match((await ada.postJson('/impersonate/sessions/nobody/end/')).json(), { statusCode: 404, code: 'FST_IMPERSONATE_LOG_NOT_FOUND' })
})

t.test('the name of whoever ends it is cut to what its column takes', async t => {
  const { app, sam, idOf } = await busy(t)
  const by = { id: 1, username: `\0${'🎉'.repeat(500)}` }
  const ended = await app.impersonate.sessions.end(await idOf('sam'), { by })
  t.equal(ended?.endedByName, `\ufffd${'🎉'.repeat(190)}`)
  t.equal(await seenAs(sam), 'revoked')
})

t.test('a form that ends one leads back to the list', async t => {
  const { ada, idOf } = await busy(t)
  const answer = await ada.send({
    method: 'POST', url: `/impersonate/sessions/${await idOf('sam')}/end/`, headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }, payload: ''
  })
  t.equal(answer.headers.location, '/impersonate/sessions/')
})

const many: Array<[object, string[]]> = [
  [{ impersonator: '2' }, ['sue', 'stan']],
  [{ impersonating: '3' }, ['sue']],
  [{ all: true }, []],
  [{ impersonator: 'nobody' }, ['sue', 'stan', 'sam']]
]
for (const [body, left] of many) {
  t.test(`ending all of ${JSON.stringify(body)}`, async t => {
    const { ada, names, events } = await busy(t)
    t.same((await ada.postJson('/impersonate/sessions/end/', body)).json(), { ended: 3 - left.length })
    t.same(await names(), left)
    t.equal(events.length, 3 - left.length)
    t.ok(events.every(({ log }) => log.endReason === 'revoked' && log.endedByName === 'ada'))
  })
}

t.test('ending many needs exactly one of three', async t => {
  const { ada, names } = await busy(t)
  for (const body of [{}, undefined, { all: false }, { all: true, impersonator: '2' }, { impersonator: 2 }, { everybody: true }]) {
    t.match((await ada.postJson('/impersonate/sessions/end/', body)).json(), { statusCode: 400, code: 'FST_IMPERSONATE_INVALID_INPUT' }, JSON.stringify(body))
  }
  t.match((await ada.postJson('/impersonate/sessions/end/', {})).json().message, 'The body takes one of impersonator, impersonating, all')
  t.equal((await names()).length, 3)
})

t.test('only those who see the log see and end live sessions, and not while impersonating', async t => {
  const { app, ada, sam, idOf, names } = await busy(t)
  const id = await idOf('stan')
  const routes = [['GET', '/sessions/'], ['POST', `/sessions/${id}/end/`], ['DELETE', `/sessions/${id}/`], ['POST', '/sessions/end/']] as const
  const nobody = browser(app)
  const staff = browser(app)
  await staff.signIn(2)
  for (const [someone, code] of [[nobody, 'NOT_AUTHENTICATED'], [staff, 'FORBIDDEN'], [sam, 'ALREADY_ACTIVE']] as const) {
    for (const [method, path] of routes) {
      const answer = await someone.send({ method, url: `/impersonate${path}`, headers: { accept: 'application/json' }, ...path === '/sessions/end/' ? { payload: { all: true } } : {} })
      t.equal(answer.json().code, `FST_IMPERSONATE_${code}`, `${code}: ${method} ${path}`)
    }
  }
  t.match((await ada.post('/impersonate/sessions/end/', { all: true }, { origin: 'https://evil.example', accept: 'application/json' })).json(), { code: 'FST_IMPERSONATE_CROSS_SITE' })
  t.equal((await names()).length, 3)
})

t.test('fastify.impersonate.sessions lists and ends', async t => {
  const { app, sam, sue } = await busy(t)
  const { list, end } = app.impersonate.sessions
  t.same((await list()).map(({ impersonatorName }) => impersonatorName), ['sue', 'stan', 'sam'])
  const [session] = await list({ impersonator: '2', impersonating: '3' })
  t.notOk('sessionKey' in Object(session) || 'openKey' in Object(session), 'without the keys')
  const by = everyone().find(({ id }) => id === 1) ?? null
  t.match(await end(session?.id ?? '', { by }), { endReason: 'revoked', endedById: '1', endedByName: 'ada' })
  t.equal(await seenAs(sam), 'revoked')
  const [sues] = await list({ impersonator: '6' })
  t.match(await end(sues?.id ?? ''), { endReason: 'revoked', endedById: null })
  t.equal(await seenAs(sue), 'revoked')
  t.equal(await end('nobody'), null)
})

t.test('without a log there are no live sessions to see', async t => {
  const app = await build(t, { disableLogging: true })
  t.same(await app.impersonate.sessions.list(), [])
  t.equal(await app.impersonate.sessions.end('x'), null)
})

t.test('a stop that is first keeps its reason', async t => {
  const { app, sam } = await busy(t)
  const [session] = await app.impersonate.sessions.list({ impersonator: '2' })
  const [, entry] = await Promise.all([sam.postJson('/impersonate/stop/'), app.impersonate.sessions.end(session?.id ?? '')])
  const reason = entry?.endReason
  t.ok(reason === 'stopped' || reason === 'revoked')
  t.match(await app.impersonate.sessions.end(session?.id ?? ''), { endReason: reason })
})
