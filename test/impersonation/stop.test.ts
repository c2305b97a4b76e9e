import t, { type Test } from 'tap'
import { memoryUsers } from '../../dist/index.js'
import { browser, build, people, type BuildOptions } from '../kit/build.js'

/** Sam, impersonating carl. */
async function impersonating (t: Test, options: BuildOptions = {}) {
  const app = await build(t, options)
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  return { app, sam, who: async () => (await sam.get('/who')).json() }
}

async function lastEnd (app: Awaited<ReturnType<typeof build>>) {
  const admin = browser(app)
  await admin.signIn(1)
  return (await admin.getJson('/impersonate/log/')).json().logs[0]
}

t.test('a POST stops, and the real user is the user again', async t => {
  const { app, sam, who } = await impersonating(t, { redirectUrl: '/home' })
  t.equal((await who()).user, 3)
  const response = await sam.post('/impersonate/stop/')
  t.equal(response.statusCode, 302)
  t.equal(response.headers.location, '/home')
  t.equal((await who()).user, 2)
  t.notOk(sam.jar.has('impersonation'))
  const { endReason, endedBy } = await lastEnd(app)
  t.equal(endReason, 'stopped')
  t.strictSame(endedBy, { id: '2', name: 'sam' })
})

t.test('a program gets 200 with the real user', async t => {
  const { sam } = await impersonating(t)
  const response = await sam.postJson('/impersonate/stop')
  t.equal(response.statusCode, 200)
  t.strictSame(response.json(), { user: { id: '2', name: 'sam' }, redirect: '/' })
})

const form = 'application/x-www-form-urlencoded'
for (const [what, type, payload, location] of [
  ['a form', form, 'next=/orders', '/orders'],
  ['a form whose field comes twice', form, 'next=/a&next=/b', '/'],
  ['text', 'text/plain', 'next=/orders', '/'],
  ['multipart', 'multipart/form-data; boundary=x', '--x--', '/'],
  ['multipart without a boundary', 'multipart/form-data', 'rubbish', '/'],
  ['a type that is none', 'nonsense', 'rubbish', '/'],
  ['an unknown type', 'application/x-unknown', '\0\0', '/'],
  ['no type', undefined, 'rubbish', '/'],
  ['a long body', 'text/plain', 'x'.repeat(2_000_000), '/']
] as const) {
  t.test(`stop takes ${what}`, async t => {
    const { sam, who } = await impersonating(t)
    const response = await sam.send({ method: 'POST', url: '/impersonate/stop/', payload, headers: { accept: 'text/html', ...(type === undefined ? {} : { 'content-type': type }) } })
    t.equal(response.statusCode, 302, response.body)
    t.equal(response.headers.location, location)
    t.equal((await who()).isImpersonate, false)
  })
}

for (const [payload, redirect] of [['{"next":"/orders"}', '/orders'], ['{"next":', '/'], ['', '/'], ['null', '/'], ['[]', '/'], ['{"next":5,"more":true}', '/']]) {
  t.test(`stop takes the JSON ${payload}`, async t => {
    const { sam, who } = await impersonating(t)
    const response = await sam.send({ method: 'POST', url: '/impersonate/stop/', payload: String(payload), headers: { 'content-type': 'application/json' } })
    t.equal(response.statusCode, 200, response.body)
    t.equal(response.json().redirect, redirect)
    t.equal((await who()).isImpersonate, false)
  })
}

t.test('the query says where to go, and unknown fields do no harm', async t => {
  const { sam } = await impersonating(t, { redirectFieldName: 'go' })
  t.equal((await sam.post('/impersonate/stop/?go=/orders&more=1')).headers.location, '/orders')
  t.equal((await sam.post('/impersonate/stop/?next=/orders')).headers.location, '/orders')
  t.equal((await sam.post('/impersonate/stop/?next=//evil.example')).headers.location, '/')
})

t.test('with useHttpReferer a stop leads back to the page that the start came from', async t => {
  const { sam } = await impersonating(t, { useHttpReferer: true })
  await sam.post('/impersonate/stop/')
  await sam.post('/impersonate/3/', undefined, { referer: 'http://localhost/impersonate/search/?q=carl' })
  t.equal((await sam.post('/impersonate/stop/')).headers.location, '/impersonate/search/?q=carl')
  await sam.post('/impersonate/3/')
  t.equal((await sam.post('/impersonate/stop/')).headers.location, '/')
})

t.test('where a stop is asked to lead comes before where the start came from', async t => {
  const { sam } = await impersonating(t, { useHttpReferer: true, redirectFieldName: 'go' })
  const referer = 'http://localhost/orders?page=2'
  for (const [query, body, location] of [
    ['?next=/here', undefined, '/here'], ['?go=/here', undefined, '/here'], ['', 'next=%2Fhere', '/here'], ['', 'go=%2Fhere', '/here'],
    ['?next=//evil.example', undefined, '/orders?page=2'], ['?next=', undefined, '/orders?page=2']
  ]) {
    await sam.post('/impersonate/stop/')
    await sam.post('/impersonate/3/', undefined, { referer })
    const headers = body === undefined ? {} : { 'content-type': form }
    const stopped = await sam.send({ method: 'POST', url: `/impersonate/stop/${query}`, headers, ...body === undefined ? {} : { payload: body } })
    t.equal(stopped.headers.location, location, `${query} ${body}`)
  }
})

t.test('a click on a link of our own pages stops', async t => {
  const { sam, who } = await impersonating(t)
  t.equal((await sam.click('/impersonate/stop/?next=/orders')).headers.location, '/orders')
  t.equal((await who()).isImpersonate, false)
})

for (const headers of [{}, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, { accept: 'application/json' }]) {
  t.test(`any other GET asks: ${JSON.stringify(headers)}`, async t => {
    const { sam, who } = await impersonating(t)
    const response = await sam.get('/impersonate/stop/?next=/orders', headers)
    t.equal(response.statusCode, 200)
    t.match(response.body, '<form method="post" action="/impersonate/stop/">')
    t.match(response.body, '<input type="hidden" name="next" value="/orders">')
    t.equal((await who()).isImpersonate, true)
  })
}

t.test('with startByGet false a click asks too', async t => {
  const { sam, who } = await impersonating(t, { startByGet: false })
  t.equal((await sam.click('/impersonate/stop/')).statusCode, 200)
  t.equal((await who()).isImpersonate, true)
})

t.test('HEAD does nothing', async t => {
  const { sam, who } = await impersonating(t)
  t.equal((await sam.send({ method: 'HEAD', url: '/impersonate/stop/' })).statusCode, 404)
  t.equal((await who()).isImpersonate, true)
})

t.test('a POST from another site stops nothing and gets the page that asks', async t => {
  const { sam, who } = await impersonating(t)
  const response = await sam.post('/impersonate/stop/', undefined, { origin: 'https://evil.example' })
  t.equal(response.statusCode, 403)
  t.match(response.body, '<form method="post" action="/impersonate/stop/">')
  t.equal((await sam.post('/impersonate/stop/', {}, { origin: 'https://evil.example' })).json().code, 'FST_IMPERSONATE_CROSS_SITE')
  t.equal((await who()).isImpersonate, true)
})

t.test('a stop pressed twice, in parallel, works twice and is recorded once', async t => {
  let ends = 0
  const { sam, who } = await impersonating(t, { onSessionEnd () { ends++ } })
  const answers = await Promise.all([1, 2, 3, 4].map(async () => await sam.postJson('/impersonate/stop/')))
  t.strictSame(answers.map(({ statusCode }) => statusCode), [200, 200, 200, 200])
  t.equal(ends, 1)
  t.equal((await who()).isImpersonate, false)
})

t.test('where nothing runs, a stop answers the same', async t => {
  const app = await build(t)
  const sam = browser(app)
  await sam.signIn(2)
  t.strictSame((await sam.postJson('/impersonate/stop/')).json(), { user: { id: '2', name: 'sam' }, redirect: '/' })
  t.equal((await sam.post('/impersonate/stop/')).statusCode, 302)
})

t.test('a key that nobody knows is taken away', async t => {
  const app = await build(t)
  const sam = browser(app)
  await sam.signIn(2)
  sam.jar.set('impersonation', 'x'.repeat(27))
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.notOk(sam.jar.has('impersonation'))
})

t.test('signed out, a stop answers with nobody, and the row says logout', async t => {
  const { app, sam } = await impersonating(t)
  const key = sam.jar.get('impersonation')
  await sam.signOut()
  const nobody = browser(app)
  nobody.jar.set('impersonation', String(key))
  t.strictSame((await nobody.postJson('/impersonate/stop/')).json(), { user: null, redirect: '/' })
  t.equal((await lastEnd(app)).endReason, 'logout')
})

t.test('a stop after the deadline records the deadline', async t => {
  let time = Date.UTC(2026, 0, 1)
  const { app, sam } = await impersonating(t, { maxDuration: 60, now: () => time })
  time += 90_000
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  const { endReason, sessionEndedAt } = await lastEnd(app)
  t.equal(endReason, 'expired')
  t.equal(sessionEndedAt, '2026-01-01T00:01:00.000Z')
})

t.test('what is over already stays as it ended', async t => {
  const { app, sam } = await impersonating(t)
  const key = String(sam.jar.get('impersonation'))
  await sam.post('/impersonate/stop/')
  const { sessionEndedAt } = await lastEnd(app)
  sam.jar.set('impersonation', key)
  t.equal((await sam.post('/impersonate/stop/')).statusCode, 302)
  t.equal((await lastEnd(app)).sessionEndedAt, sessionEndedAt)
  t.notOk(sam.jar.has('impersonation'))
})

t.test('a stop works while read-only, and where the target is gone', async t => {
  const everyone = people()
  const { sam, who } = await impersonating(t, { readOnly: true, people: everyone })
  everyone.splice(2, 1)
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.equal((await who()).isImpersonate, false)
})

for (const excluded of [[/^impersonate/], [/./]]) {
  t.test(`a stop works under the excluded path ${String(excluded)}`, async t => {
    const { app, sam } = await impersonating(t, { uriExclusions: excluded })
    t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
    t.equal((await lastEnd(app)).endReason, 'stopped')
  })
}

t.test('a stop works while the users are down', async t => {
  let down = false
  const users = memoryUsers(people())
  const { app, sam, who } = await impersonating(t, {
    users: { ...users, findById: async (id, scope) => { if (down) throw new Error('down'); return await users.findById(id, scope as never) } }
  })
  down = true
  t.equal((await sam.post('/impersonate/stop/')).statusCode, 302)
  down = false
  t.equal((await who()).isImpersonate, false)
  t.equal((await lastEnd(app)).endReason, 'stopped')
})

t.test('a stop works where somebody is signed out and the users are down', async t => {
  let down = false
  const users = memoryUsers(people())
  const { app, sam } = await impersonating(t, {
    users: { ...users, findById: async (id, scope) => { if (down) throw new Error('down'); return await users.findById(id, scope as never) } }
  })
  const nobody = browser(app)
  nobody.jar.set('impersonation', String(sam.jar.get('impersonation')))
  down = true
  t.equal((await nobody.post('/impersonate/stop/')).statusCode, 302)
  t.notOk(nobody.jar.has('impersonation'))
  down = false
  t.equal((await lastEnd(app)).endReason, 'stopped')
})

t.test('a stop works while the log is down', async t => {
  const { default: Module } = { default: await import('../../dist/lib/log/database/embedded.js') }
  const { client, close } = await Module.openEmbedded(`file:${t.testdir()}/own.db`)
  let down = false
  const model: object = Reflect.get(client, 'impersonationLog')
  const own = {
    impersonationLog: new Proxy(model, {
      get: (target, name) => down ? async () => { throw new Error('down') } : Reflect.get(target, name)
    }),
    $transaction: Reflect.get(client, '$transaction').bind(client)
  }
  const { app, sam, who } = await impersonating(t, { prisma: own })
  t.teardown(close)
  down = true
  t.equal((await sam.post('/impersonate/stop/')).statusCode, 302)
  t.notOk(sam.jar.has('impersonation'))
  down = false
  t.equal((await who()).isImpersonate, false)
  await app.close()
  const [row] = await Reflect.get(model, 'findMany').call(model)
  t.equal(row.endReason, 'stopped')
})
