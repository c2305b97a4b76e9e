import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { memoryUsers } from '../../dist/index.js'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import type { SessionEvent, User } from '../../dist/lib/types/index.js'
import type { PrismaClient } from '../../dist/prisma/generated/sqlite/client.js'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'

const navigation = { accept: 'text/html', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** A browser in which this person is signed in. */
async function signedIn (app: FastifyInstance, id: number) {
  const someone = browser(app)
  await someone.signIn(id)
  return someone
}

async function open (t: Test, options: BuildOptions = {}, id = 2) {
  const app = await build(t, options)
  return { app, staff: await signedIn(app, id) }
}

async function logOf (app: FastifyInstance) {
  const admin = await signedIn(app, 1)
  return (await admin.getJson('/impersonate/log/')).json().logs
}

const isStarted = async (someone: ReturnType<typeof browser>) => (await someone.get('/who')).json().isImpersonate

/** One application for the many requests that start nothing. */
const shared = await open(t)

t.test('a POST starts, and from the next request on the target is the user', async t => {
  const { staff } = await open(t)
  const response = await staff.post('/impersonate/3/')
  t.equal(response.statusCode, 302)
  t.equal(response.headers.location, '/')
  const who = (await staff.get('/who')).json()
  t.equal(who.user, 3)
  t.equal(who.impersonator, 2)
})

t.test('the log keeps neither the browser\'s key nor the sign-in\'s id, but their hashes', async t => {
  const path = join(t.testdir(), 'log.db')
  const { staff } = await open(t, { databaseUrl: `file:${path}`, signInId: () => 'sign-in-1' })
  await staff.postJson('/impersonate/3/')
  const key = String(staff.jar.get('impersonation'))
  t.equal(key.length, 27)
  const { client, close } = await openEmbedded(`file:${path}`)
  t.teardown(close)
  const [row] = await (client as PrismaClient).impersonationLog.findMany()
  t.equal(row?.sessionKey, createHash('sha256').update(key).digest('base64url'))
  for (const secret of [key, 'sign-in-1']) t.notMatch(JSON.stringify(row), secret)
})

t.test('a program gets 201 with people, the impersonation and where to go', async t => {
  const { staff } = await open(t, { maxDuration: 60, now: () => Date.UTC(2026, 0, 1), redirectUrl: '/home' })
  const response = await staff.postJson('/impersonate/3/')
  t.equal(response.statusCode, 201)
  const { impersonation, ...rest } = response.json()
  t.strictSame(rest, { user: { id: '3', name: "Carl O'Brien" }, impersonator: { id: '2', name: 'sam' }, redirect: '/home' })
  t.match(impersonation.id, /^[\da-f-]{36}$/)
  t.strictSame({ ...impersonation, id: '' }, {
    id: '', startedAt: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-01T00:01:00.000Z', readOnly: false, reason: null
  })
})

t.test('what is null stays null in the answer', async t => {
  const { staff } = await open(t, { readOnly: true })
  const { impersonation } = (await staff.postJson('/impersonate/3/')).json()
  t.equal(impersonation.expiresAt, null)
  t.equal(impersonation.reason, null)
  t.equal(impersonation.readOnly, true)
})

t.test('a JSON body makes the answer JSON', async t => {
  const { staff } = await open(t)
  const response = await staff.post('/impersonate/3/', { next: '/orders?open=1#last' })
  t.equal(response.statusCode, 201)
  t.equal(response.json().redirect, '/orders?open=1#last')
})

t.test('a form says where to go next', async t => {
  const { staff } = await open(t)
  const response = await staff.send({ method: 'POST', url: '/impersonate/3/', payload: 'next=%2Forders', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  t.equal(response.statusCode, 302)
  t.equal(response.headers.location, '/orders')
})

t.test('the query says where to go next, in the field of redirectFieldName', async t => {
  const { staff } = await open(t, { redirectFieldName: 'go' })
  t.equal((await staff.post('/impersonate/3/?go=/orders')).headers.location, '/orders')
})

t.test('the body says where to go next, in the field of redirectFieldName', async t => {
  const { staff } = await open(t, { redirectFieldName: 'go' })
  t.equal((await staff.post('/impersonate/3/', { go: '/orders' })).json().redirect, '/orders')
})

t.test('a start leads to no other origin, and to no start or stop', async t => {
  const { staff } = await open(t)
  for (const next of ['//evil.example', 'https://evil.example/', '/\\evil', '/..//evil.example', '/impersonate/4/', '/impersonate/stop/', '/impersonate/-/start/', '']) {
    t.equal((await staff.post('/impersonate/3/', { next })).json().redirect, '/', next)
    await staff.post('/impersonate/stop/')
  }
})

const json = { 'content-type': 'application/json' }
for (const [what, headers, payload] of [
  ['nothing at all', {}, undefined],
  ['an empty JSON body', json, ''],
  ['JSON null', json, 'null'],
  ['an empty JSON object', json, '{}'],
  ['an empty form', { 'content-type': 'application/x-www-form-urlencoded' }, '']
] as const) {
  t.test(`a start takes ${what}`, async t => {
    const { staff } = await open(t)
    const response = await staff.send({ method: 'POST', url: '/impersonate/3/', headers, ...(payload === undefined ? {} : { payload }) })
    t.ok([201, 302].includes(response.statusCode), response.body)
    t.equal(await isStarted(staff), true)
  })
}

for (const [what, headers, payload, status, words] of [
  ['text', { 'content-type': 'text/plain' }, 'next=/', 415, /Unsupported Media Type/],
  ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 415, /Unsupported Media Type/],
  ['a body of no type', {}, 'next=/', 415, /Unsupported Media Type/],
  ['malformed JSON', json, '{"next":', 400, /JSON/],
  ['JSON with a poisoned prototype', json, '{"__proto__": {}}', 400, /JSON|proto/],
  ['a list', json, '[]', 400, /The body takes nothing but reason, next/],
  ['an unknown field', json, '{"reasn": "typo"}', 400, /There is no \\?"reasn\\?" in the body: it takes nothing but reason, next/],
  ['a number for a path', json, '{"next": 5}', 400, /\\?"next\\?" in the body takes a path of this application/],
  ['a form with a field twice', { 'content-type': 'application/x-www-form-urlencoded' }, 'next=/a&next=/b', 400, /next/]
] as const) {
  t.test(`a start refuses ${what} and says what is wrong`, async t => {
    const { staff } = shared
    const response = await staff.send({ method: 'POST', url: '/impersonate/3/', headers: { ...headers, accept: 'application/json' }, payload })
    t.equal(response.statusCode, status)
    t.match(response.json().message, words)
    t.equal(await isStarted(staff), false)
  })
}

for (const [what, url, method] of [
  ['a start', '/impersonate/3/?utm_source=x&next=/x', 'POST'],
  ['a start by a field', '/impersonate/-/start/?utm_source=x', 'POST'],
  ['the page that asks', '/impersonate/3/?utm_source=x', 'GET'],
  ['the list', '/impersonate/list/?next=/x&utm_source=x', 'GET'],
  ['a search', '/impersonate/search/?q=carl&utm_source=x', 'GET'],
  ['the status', '/impersonate/status/?_=1', 'GET'],
  ['the log', '/impersonate/log/?utm_source=x', 'GET'],
  ['the log as a file', '/impersonate/-/log.csv?utm_source=x', 'GET'],
  ['live impersonations', '/impersonate/sessions/?utm_source=x', 'GET']
] as const) {
  t.test(`an unknown field in the query of ${what} is ignored`, async t => {
    const ada = browser(await build(t))
    await ada.signIn(1)
    const payload = url.includes('/-/start') ? { payload: { userId: '3' } } : {}
    const response = await ada.send({ method, url, headers: { accept: 'application/json' }, ...payload })
    t.equal(response.statusCode, method === 'POST' ? 201 : 200, response.body)
  })
}

t.test('a user with a long id is started by the form of the list', async t => {
  const id = 'x'.repeat(200)
  const everyone = [...people(), { ...person(0, 'long'), id: id as never }]
  const sam = browser(await build(t, { people: everyone, redirectFieldName: 'next' }))
  await sam.signIn(2)
  const { body } = await sam.get('/impersonate/search/?q=long&next=/there', { accept: 'text/html' })
  const [, action = '', fields = ''] = /<form method="post" action="([^"]*start[^"]*)">(.*?)<button/s.exec(body) ?? []
  const form = new URLSearchParams()
  for (const [, name = '', value = ''] of fields.matchAll(/name="([^"]*)" value="([^"]*)"/g)) form.set(name, value)
  const response = await sam.send({
    method: 'POST',
    url: action,
    payload: String(form),
    headers: { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
  })
  t.equal(response.statusCode, 302, response.body)
  t.equal(response.headers.location, '/there')
  t.equal((await sam.getJson('/impersonate/status/')).json().user.id, id)
})

t.test('a second start with the key is 409 and leads people to redirectUrl', async t => {
  const { staff } = await open(t)
  await staff.post('/impersonate/3/')
  const refused = await staff.postJson('/impersonate/4/')
  t.equal(refused.statusCode, 409)
  t.equal(refused.json().code, 'FST_IMPERSONATE_ALREADY_ACTIVE')
  t.equal((await staff.post('/impersonate/4/')).headers.location, '/')
  t.equal((await staff.get('/who')).json().user, 3)
})

t.test('a second start without the key replaces the first', async t => {
  const { app, staff } = await open(t)
  await staff.post('/impersonate/3/')
  staff.jar.delete('impersonation')
  t.equal((await staff.postJson('/impersonate/4/')).statusCode, 201)
  const [second, first] = await logOf(app)
  t.equal(first.impersonating.id, '3')
  t.equal(first.endReason, 'replaced')
  t.equal(second.endReason, null)
})

t.test('however many starts one sign-in sends at once, one row is open after', async t => {
  const { app, staff } = await open(t, {}, 1)
  const answers = await Promise.all([3, 4, 3, 4, 3, 4].map(async id => await staff.postJson(`/impersonate/${id}/`)))
  t.ok(answers.every(({ statusCode }) => [201, 409, 503].includes(statusCode)), answers.map(answer => answer.statusCode).join())
  t.ok(answers.some(({ statusCode }) => statusCode === 201))
  const other = await signedIn(app, 6)
  const { logs } = (await other.getJson('/impersonate/log/?session=incomplete')).json()
  t.equal(logs.length, 1)
})

t.test('two sign-ins of one person impersonate side by side', async t => {
  const { app, staff } = await open(t)
  const another = await signedIn(app, 2)
  await staff.post('/impersonate/3/')
  await another.post('/impersonate/4/')
  t.equal((await staff.get('/who')).json().user, 3)
  t.equal((await another.get('/who')).json().user, 4)
})

t.test('someone not signed in is sent to sign in, and then to the list', async t => {
  const app = await build(t)
  const nobody = browser(app)
  for (const response of [await nobody.post('/impersonate/3/'), await nobody.click('/impersonate/3/')]) {
    t.equal(response.statusCode, 302)
    t.equal(response.headers.location, '/login?next=%2Fimpersonate%2Flist%2F')
  }
  const refused = await nobody.postJson('/impersonate/3/')
  t.equal(refused.statusCode, 401)
  t.equal(refused.json().code, 'FST_IMPERSONATE_NOT_AUTHENTICATED')
})

t.test('a loginUrl with a query keeps it', async t => {
  const app = await build(t, { loginUrl: 'https://id.example.com/in?realm=a' })
  t.equal((await browser(app).post('/impersonate/3/')).headers.location, 'https://id.example.com/in?realm=a&next=%2Fimpersonate%2Flist%2F')
})

t.test('someone who may not impersonate is refused', async t => {
  const { staff: customer } = await open(t, { redirectUrl: '/home' }, 3)
  t.equal((await customer.post('/impersonate/4/')).headers.location, '/home')
  const refused = await customer.postJson('/impersonate/4/')
  t.equal(refused.statusCode, 403)
  t.equal(refused.json().code, 'FST_IMPERSONATE_FORBIDDEN')
})

t.test('the answer about a user who is no target is the same for every cause', async t => {
  const everyone = [...people(), person(7, 'olga'), person(8, 'otto')]
  const { staff } = await open(t, { people: everyone, customUserQueryset: () => (user: User) => user.id !== 7 })
  for (const accept of ['text/html', 'application/json']) {
    for (const method of ['GET', 'POST'] as const) {
      const answers = await Promise.all([99, 7, 1, 5, 2, 'nonsense'].map(async id => {
        const { statusCode, body, headers: { date, ...headers } } = await staff.send({ method, url: `/impersonate/${id}/`, headers: { accept } })
        return { statusCode, body, headers }
      }))
      for (const answer of answers) t.strictSame(answer, answers[0])
      t.equal(answers[0]?.statusCode, 404)
    }
  }
})

t.test('the cause is in the server\'s log', async t => {
  const lines: Array<{ refusal?: string, userId?: string }> = []
  const stream = { write (line: string) { lines.push(JSON.parse(line)) } }
  const everyone = [...people(), person(7, 'olga'), { ...person(8, 'otto'), isSuperuser: 'no' } as never]
  const { staff } = await open(t, { people: everyone, server: { logger: { level: 'info', stream } }, customUserQueryset: () => (user: User) => user.id !== 7 })
  for (const id of [99, 7, 1, 5, 2, 8]) await staff.postJson(`/impersonate/${id}/`)
  t.strictSame(lines.flatMap(({ refusal, userId }) => refusal === undefined ? [] : [[userId, refusal]]), [
    ['99', 'unknown'], ['7', 'out of scope'], ['1', 'a superuser'], ['5', 'inactive'], ['2', 'oneself'], ['8', 'of an unclear "isSuperuser"']
  ])
})

const ODD = ['a/b', 'ünï çödé', '100%', 'a?b#c', "o'brien@example.com", 'list', 'Stop', '-', '..', '.', 'a b', '"><b>']
const odd = await open(t, { people: [...people(), ...ODD.map(id => ({ ...person(0, `odd-${ODD.indexOf(id)}-`), id }) as never)] })
for (const id of ODD) {
  t.test(`a user whose id is ${JSON.stringify(id)} is started by the address that the plugin gives`, async t => {
    const { staff } = odd
    const url = `/impersonate/search/?q=odd-${ODD.indexOf(id)}-`
    const { users } = (await staff.getJson(url)).json()
    t.equal(users[0].id, id)
    const page = (await staff.get(url, { accept: 'text/html' })).body
    const form = /<form method="post" action="([^"]+)">(.*?)<\/form>/.exec(page)
    const unescape = (text = '') => text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
    const fields = [...(form?.[2] ?? '').matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value]) => [name, unescape(value)] as const)
    const payload = new URLSearchParams(Object.fromEntries(fields)).toString()
    await staff.send({ method: 'POST', url: unescape(form?.[1]), payload, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    t.equal((await staff.get('/who')).json().user, id)
    await staff.post('/impersonate/stop/')
  })
}

t.test('a user whose id is a bigint is started, and is text in JSON', async t => {
  const user = { ...person(0, 'big'), id: 9007199254740993n } as never
  const { staff } = await open(t, { people: [...people(), user] })
  const response = await staff.postJson('/impersonate/9007199254740993/')
  t.equal(response.json().user.id, '9007199254740993')
  t.equal((await staff.getJson('/impersonate/status/')).json().user.id, '9007199254740993')
})

for (const id of ['03', '3%20', '3.0', '+3', '0x3', '3e0']) {
  t.test(`${id} is not 3`, async t => {
    const { staff } = shared
    t.equal((await staff.postJson(`/impersonate/${id}/`)).statusCode, 404)
  })
}

t.test('a user whose id names a page is started by POST /-/start/', async t => {
  const { staff } = await open(t, { people: [...people(), { ...person(0, 'odd'), id: 'list' } as never] })
  t.equal((await staff.postJson('/impersonate/list/')).statusCode, 405)
  t.equal((await staff.postJson('/impersonate/-/start/', { userId: 'list', next: '/a' })).json().redirect, '/a')
  t.equal((await staff.get('/who')).json().user, 'list')
})

t.test('POST /-/start/ without a user is 400 and says so', async t => {
  const { staff } = shared
  t.match((await staff.postJson('/impersonate/-/start/', {})).json().message, '"userId" is missing in the body')
  t.match((await staff.postJson('/impersonate/-/start/')).json().message, 'The body takes nothing but userId, reason, next')
  t.match((await staff.postJson('/impersonate/-/start/', { userId: 3 })).json().message, '"userId" in the body takes an id')
})

t.test('an id with a NUL is refused', async t => {
  const { staff } = shared
  t.equal((await staff.postJson('/impersonate/-/start/', { userId: 'a\0' })).statusCode, 400)
})

// Law 9.

t.test('a GET starts where a page of this origin is proven to have asked for it', async t => {
  const { staff } = await open(t, { redirectFieldName: 'next' })
  const response = await staff.click('/impersonate/3/?next=/orders')
  t.equal(response.statusCode, 302)
  t.equal(response.headers.location, '/orders')
  t.equal(await isStarted(staff), true)
})

for (const [what, headers] of Object.entries<Record<string, string | undefined>>({
  'no proof': {},
  'a link on another site': { ...navigation, 'sec-fetch-site': 'cross-site' },
  'a link on another host of the site': { ...navigation, 'sec-fetch-site': 'same-site' },
  'the address bar': { ...navigation, 'sec-fetch-site': 'none' },
  'an image': { ...navigation, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
  'a frame': { ...navigation, 'sec-fetch-dest': 'iframe' },
  'a script': { ...navigation, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  'a script that wants JSON': { ...navigation, accept: 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  'a prefetch': { ...navigation, 'sec-purpose': 'prefetch;prerender' },
  'a prefetch of older browsers': { ...navigation, purpose: 'prefetch' },
  'a prefetch of Firefox': { ...navigation, 'x-moz': 'prefetch' }
})) {
  t.test(`a GET by ${what} gets the page that asks`, async t => {
    const { staff } = shared
    const response = await staff.get('/impersonate/3/', headers)
    t.equal(response.statusCode, 200)
    t.match(response.headers['content-type'], 'text/html')
    t.match(response.body, '<form method="post" action="/impersonate/3/">')
    t.match(response.body, 'Carl O&#39;Brien')
    t.equal(await isStarted(staff), false)
  })
}

t.test('with startByGet false a click asks too, and keeps where to go next', async t => {
  const { staff } = await open(t, { startByGet: false, redirectFieldName: 'go' })
  const response = await staff.click('/impersonate/3/?go=/orders')
  t.equal(response.statusCode, 200)
  t.match(response.body, '<input type="hidden" name="next" value="/orders">')
  t.equal(await isStarted(staff), false)
})

t.test('HEAD does nothing', async t => {
  const { staff } = shared
  t.equal((await staff.send({ method: 'HEAD', url: '/impersonate/3/', headers: navigation })).statusCode, 404)
  t.equal(await isStarted(staff), false)
})

for (const headers of [
  { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'https://evil.example' }, { origin: 'null' }
]) {
  t.test(`a POST with ${JSON.stringify(headers)} starts nothing and gets the page that asks`, async t => {
    const { staff } = shared
    const response = await staff.post('/impersonate/3/', undefined, headers)
    t.equal(response.statusCode, 403)
    t.match(response.body, '<form method="post" action="/impersonate/3/">')
    t.match(response.body, 'came from another site')
    t.notMatch(response.body, 'Carl')
    const refused = await staff.post('/impersonate/3/', undefined, { ...headers, accept: 'application/json' })
    t.equal(refused.statusCode, 403)
    t.equal(refused.json().code, 'FST_IMPERSONATE_CROSS_SITE')
    t.equal(await isStarted(staff), false)
  })
}

t.test('POST /-/start/ from another site is a 403 page', async t => {
  const { staff } = shared
  const response = await staff.post('/impersonate/-/start/', undefined, { origin: 'https://evil.example' })
  t.equal(response.statusCode, 403)
  t.match(response.headers['content-type'], 'text/html')
})

for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, { origin: 'http://localhost:80' }, { 'sec-fetch-site': 'cross-site', origin: 'https://admin.example.com' }]) {
  t.test(`a POST with ${JSON.stringify(headers)} starts`, async t => {
    const { staff } = await open(t, { trustedOrigins: ['https://admin.example.com'] })
    t.equal((await staff.post('/impersonate/3/', undefined, headers)).statusCode, 302)
    t.equal(await isStarted(staff), true)
  })
}

// Order: other site → over → already active → signed in → allowed → input valid → target.

t.test('another site is said before anything else', async t => {
  const { staff } = await open(t)
  await staff.post('/impersonate/3/')
  t.equal((await staff.post('/impersonate/99/', { wrong: 1 }, { origin: 'https://evil.example' })).json().code, 'FST_IMPERSONATE_CROSS_SITE')
})

t.test('that the impersonation is over is said before who may start', async t => {
  let time = Date.UTC(2026, 0, 1)
  const { staff } = await open(t, { maxDuration: 60, now: () => time })
  await staff.post('/impersonate/3/')
  time += 61_000
  const response = await staff.post('/impersonate/99/', { wrong: 1 })
  t.equal(response.statusCode, 409)
  t.equal(response.json().code, 'FST_IMPERSONATE_ENDED')
  t.equal(response.json().endReason, 'expired')
})

t.test('that one is active is said before what is wrong with the input', async t => {
  const { staff } = await open(t)
  await staff.post('/impersonate/3/')
  t.equal((await staff.post('/impersonate/99/', { wrong: 1 })).json().code, 'FST_IMPERSONATE_ALREADY_ACTIVE')
})

t.test('who is not signed in, or may not, learns nothing about input and targets', async t => {
  const { app, staff: customer } = await open(t, {}, 3)
  t.equal((await browser(app).post('/impersonate/99/', { wrong: 1 })).json().code, 'FST_IMPERSONATE_NOT_AUTHENTICATED')
  t.equal((await customer.post('/impersonate/99/', { wrong: 1 })).json().code, 'FST_IMPERSONATE_FORBIDDEN')
})

t.test('input is checked before the target is looked up', async t => {
  const { staff } = shared
  t.equal((await staff.post('/impersonate/99/', { wrong: 1 })).json().code, 'FST_IMPERSONATE_INVALID_INPUT')
  t.equal((await staff.post('/impersonate/99/', {})).json().code, 'FST_IMPERSONATE_TARGET_NOT_FOUND')
})

t.test('a superuser may impersonate a superuser where allowSuperuser says so, staff never', async t => {
  const { app, staff } = await open(t, { allowSuperuser: true })
  t.equal((await staff.postJson('/impersonate/6/')).statusCode, 404)
  t.equal((await (await signedIn(app, 1)).postJson('/impersonate/6/')).statusCode, 201)
})

t.test('a begin hook that throws stops the start, with its status', async t => {
  const { app, staff } = await open(t, { onSessionBegin () { throw Object.assign(new Error('Not now'), { statusCode: 423 }) } })
  const response = await staff.postJson('/impersonate/3/')
  t.equal(response.statusCode, 423)
  t.match(response.json(), { code: 'FST_IMPERSONATE_ABORTED', message: 'Not now' })
  t.notMatch(String(response.headers['set-cookie']), 'impersonation')
  t.equal(await isStarted(staff), false)
  t.equal((await logOf(app))[0].endReason, 'aborted')
  const page = await staff.post('/impersonate/3/')
  t.equal(page.statusCode, 423)
  t.match(page.body, 'The start was stopped by the application. Not now.')
  t.equal(response.json().message, 'The start was stopped by the application: Not now')
})

for (const [what, thrown, said] of [
  ['its own sentence', { statusCode: 403, message: 'Ask your team lead first!' }, 'application. Ask your team lead first!<'],
  ['its own words as text', { statusCode: 403, message: '<b>no</b>' }, 'application. &lt;b&gt;no&lt;/b&gt;'],
  ['nothing of what broke', { statusCode: 503, message: 'secret words' }, 'application.<'],
  ['nothing without a status', { message: 'secret words' }, 'application.<'],
  ['nothing that is not to be told', { statusCode: 403, message: 'secret words', expose: false }, 'application.<'],
  ['nothing where it says nothing', { statusCode: 403, message: ' ' }, 'application.<'],
  ['nothing where it says no text', { statusCode: 403, message: 5 }, 'application.<']
] as const) {
  t.test(`the page of a begin hook that throws says ${what}`, async t => {
    const { staff } = await open(t, { onSessionBegin () { throw Object.assign(new Error('x'), thrown) } })
    const page = await staff.post('/impersonate/3/')
    t.equal(page.statusCode, 'statusCode' in thrown ? thrown.statusCode : 500)
    t.match(page.body, said)
    const answer = await staff.postJson('/impersonate/3/')
    t.equal(answer.json().code, 'FST_IMPERSONATE_ABORTED')
    for (const body of [page.body, answer.body]) t.notMatch(body, 'secret')
  })
}

t.test('what an application\'s hook refuses before the plugin is told as it stands', async t => {
  const { staff } = await open(t, {
    before: app => app.addHook('preHandler', async request => {
      if (request.routeOptions.config.impersonateRoute === 'start') throw Object.assign(new Error('Confirm your second factor.'), { statusCode: 403 })
    })
  })
  t.match((await staff.post('/impersonate/3/')).body, '>Confirm your second factor.<')
})

for (const statusCode of [undefined, 200, 700, 'no']) {
  t.test(`a begin hook that throws with the status ${statusCode} is a 500`, async t => {
    const { staff } = await open(t, { onSessionBegin () { throw Object.assign(new Error('No'), { statusCode }) } })
    t.equal((await staff.postJson('/impersonate/3/')).statusCode, 500)
  })
}

t.test('a begin hook that throws a status without a name gets a page with a title', async t => {
  const { staff } = await open(t, { onSessionBegin () { throw Object.assign(new Error('No'), { statusCode: 499 }) } })
  t.match((await staff.post('/impersonate/3/')).body, '<title>This did not work</title>')
})

t.test('the begin hook sees the row, both people and the request', async t => {
  const events: SessionEvent[] = []
  const { staff } = await open(t, { onSessionBegin (event) { events.push(event) } })
  await staff.send({ method: 'POST', url: '/impersonate/3/', headers: { 'user-agent': 'Browser/1 \u00ff' } })
  const [event] = events
  t.equal(events.length, 1)
  t.equal(event?.impersonator?.id, 2)
  t.equal(event?.impersonating?.id, 3)
  t.equal(event?.endReason, null)
  t.equal(event?.log.impersonatorName, 'sam')
  t.equal(event?.log.userAgent, 'Browser/1 \u00ff')
  t.equal(event?.log.ipAddress, '127.0.0.1')
  t.notOk('sessionKey' in Object(event?.log))
})

t.test('with useHttpReferer the page that the start came from is kept', async t => {
  const events: SessionEvent[] = []
  const { staff } = await open(t, { useHttpReferer: true, onSessionBegin (event) { events.push(event) } })
  const start = async (referer: string) => {
    staff.jar.delete('impersonation')
    await staff.post('/impersonate/3/', undefined, { referer })
    return Reflect.get(Object(events.at(-1)?.log), 'returnTo')
  }
  t.equal(await start('http://localhost:80/orders?page=2#x'), '/orders?page=2')
  t.equal(await start('http://evil.example/orders'), null)
  t.equal(await start(`http://localhost:80/${'x'.repeat(2001)}`), null)
})

t.test('names that the log cannot hold are cut, without half characters and NUL', async t => {
  const { app, staff } = await open(t, { displayName: user => user.id === 3 ? `a\0${'💚'.repeat(300)}` : 'sam' })
  t.equal((await staff.postJson('/impersonate/3/')).statusCode, 201)
  const [{ impersonating }] = await logOf(app)
  t.equal(impersonating.name, `a\ufffd${'💚'.repeat(189)}`)
})

t.test('without the users nothing starts, and it is a 503', async t => {
  let down = false
  const users = memoryUsers(people())
  const { staff } = await open(t, { users: { ...users, findById: async (id, scope) => { if (down) throw new Error('secret words'); return await users.findById(id, scope as never) } } })
  down = true
  const response = await staff.postJson('/impersonate/3/')
  t.equal(response.statusCode, 503)
  t.equal(response.json().code, 'FST_IMPERSONATE_UNAVAILABLE')
  t.notMatch(response.body, 'secret')
  const page = await staff.post('/impersonate/3/')
  t.equal(page.statusCode, 503)
  t.equal(page.headers['x-frame-options'], 'DENY')
})

t.test('without the log nothing starts, and it is a 503', async t => {
  const down = new Proxy({}, { get: (target, name) => name === 'then' ? undefined : async () => { throw new Error('down') } })
  const { staff } = await open(t, { prisma: { impersonationLog: down, $transaction: async () => { throw new Error('down') } } as never })
  t.equal((await staff.postJson('/impersonate/3/')).statusCode, 503)
  t.equal(await isStarted(staff), false)
})

t.test('an application\'s own hook can let a start through or not', async t => {
  const { staff } = await open(t, {
    before: app => app.addHook('preHandler', async function secondFactor (request: FastifyRequest, reply: FastifyReply) {
      if (request.routeOptions.config.impersonateRoute === 'start') throw new Error('words of the application')
    })
  })
  const response = await staff.postJson('/impersonate/3/')
  t.equal(response.statusCode, 500)
  t.strictSame(response.json(), { statusCode: 500, code: 'FST_IMPERSONATE_ERROR', error: 'Internal Server Error', message: 'Something went wrong' })
})

t.test('an error with a status that is no error\'s is a 500', async t => {
  const { staff } = await open(t, {
    before: app => app.addHook('preHandler', async request => {
      if (request.routeOptions.config.impersonateRoute === 'start') throw Object.assign(new Error('odd'), { statusCode: 200, code: 'FST_ODD' })
    })
  })
  const response = await staff.postJson('/impersonate/3/')
  t.equal(response.statusCode, 500)
})

t.test('without a log a start needs the web session, and ends as aborted where it is gone', async t => {
  const { staff } = await open(t, {
    disableLogging: true,
    onSessionBegin ({ request }) { Reflect.set(Object(request), 'session', null) }
  })
  t.equal((await staff.postJson('/impersonate/3/')).statusCode, 503)
})

t.test('a browser that does not say what it is starts too', async t => {
  const events: SessionEvent[] = []
  const { staff } = await open(t, {
    before: app => app.addHook('onRequest', async request => { delete request.headers['user-agent'] }),
    onSessionBegin (event) { events.push(event) }
  })
  t.equal((await staff.postJson('/impersonate/3/')).statusCode, 201)
  t.equal(events[0]?.log.userAgent, null)
})

t.test('whatever an application\'s hook throws is answered', async t => {
  for (const thrown of ['words', 5, null, undefined, Object.freeze(Object.assign(new Error('frozen'), { code: 7 }))]) {
    const { staff } = await open(t, { before: app => { app.addHook('preHandler', async request => { if (request.method === 'POST' && request.url.startsWith('/impersonate')) throw thrown }) } })
    const answer = await staff.postJson('/impersonate/3/')
    t.equal(answer.statusCode, 500, String(thrown))
    t.match(answer.json(), { statusCode: 500, error: 'Internal Server Error' })
    t.notMatch(answer.body, /words|frozen/)
  }
})

t.test('a start over a Unix socket is recorded without an address', async t => {
  const app = await build(t, { getRealUser: () => people()[1] })
  // A socket's path may be no longer than 107 characters, which a checkout's own folder may well be.
  const folder = mkdtempSync(join(tmpdir(), 'impersonate-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const socketPath = join(folder, 'app.sock')
  await app.listen({ path: socketPath })
  const statusCode = await new Promise(resolve => {
    request({ socketPath, method: 'POST', path: '/impersonate/3/', headers: { accept: 'application/json' } }, response => { response.resume(); resolve(response.statusCode) }).end()
  })
  t.equal(statusCode, 201)
})
