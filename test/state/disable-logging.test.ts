import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { webSession } from '../../dist/lib/http/web-session.js'
import type { SessionEvent } from '../../dist/lib/types/index.js'
import { browser, build, JsonStore, people, type BuildOptions } from '../kit/build.js'

const FIELD = 'fastify-impersonate'

for (const signIn of ['session', 'secure-session'] as const) {
  t.test(`without a log, over @fastify/${signIn}`, async t => {
    async function withSam (t: Test, options: BuildOptions = {}) {
      const app = await build(t, {
        signIn,
        disableLogging: true,
        after: app => {
          // Whatever an application's bug or an old version may have left there.
          app.post('/rubbish', async request => { webSession(request)?.set(FIELD, request.body); return {} })
          app.post('/change', async request => {
            const kept = webSession(request)?.get(FIELD)
            webSession(request)?.set(FIELD, { ...Object(kept), ...Object(request.body) })
            return {}
          })
          app.get('/kept', async request => ({ kept: webSession(request)?.get(FIELD) ?? null }))
          app.post('/own', async request => { webSession(request)?.set('impersonation', request.body); return {} })
          app.get('/own', async request => ({ own: webSession(request)?.get('impersonation') ?? null }))
          app.post('/fill/:characters', async request => {
            webSession(request)?.set('filling', 'x'.repeat(Number(Reflect.get(Object(request.params), 'characters'))))
            return {}
          })
        },
        ...options
      })
      const sam = browser(app)
      await sam.signIn(2)
      const who = async () => (await sam.getJson('/who')).json()
      return { app, sam, who }
    }

    t.test('starts, shows the target, and stops', async t => {
      const { sam, who } = await withSam(t)
      t.match((await sam.postJson('/impersonate/3/')), { statusCode: 201 })
      t.notOk(sam.jar.has('impersonation'), 'the plugin\'s cookie is not used')
      t.match(await who(), { user: 3, impersonator: 2, realUser: 2, isImpersonate: true, impersonation: { readOnly: false, expiresAt: null } })
      t.match(await who(), { user: 3, impersonator: 2 })
      t.match((await sam.getJson('/impersonate/status/')).json(), { isImpersonate: true, user: { id: '3' }, impersonator: { id: '2' } })
      t.match((await sam.postJson('/impersonate/stop/')).json(), { user: { id: '2', name: 'sam' }, redirect: '/' })
      t.match(await who(), { user: 2, impersonator: null, impersonation: null })
      t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
    })

    t.test('refuses a second start', async t => {
      const { sam } = await withSam(t)
      await sam.postJson('/impersonate/3/')
      t.match((await sam.postJson('/impersonate/4/')).json(), { statusCode: 409, code: 'FST_IMPERSONATE_ALREADY_ACTIVE' })
    })

    t.test('ends maxDuration after the start', async t => {
      let now = Date.parse('2026-01-31T12:00:00Z')
      const ends: SessionEvent[] = []
      const { sam, who } = await withSam(t, { maxDuration: 60, now: () => now, onSessionEnd: event => { ends.push(event) } })
      await sam.postJson('/impersonate/3/')
      now += 59_999
      t.match(await who(), { user: 3, impersonation: { expiresAt: '2026-01-31T12:01:00.000Z' } })
      now += 5000
      t.match((await sam.getJson('/who')).json(), { statusCode: 409, code: 'FST_IMPERSONATE_ENDED', endReason: 'expired' })
      t.match(ends, [{ endReason: 'expired', log: { sessionEndedAt: new Date('2026-01-31T12:01:00Z') } }])
      await sam.postJson('/impersonate/stop/')
      t.match(await who(), { user: 2, impersonator: null })
      t.equal(ends.length, 1)
    })

    t.test('an old copy of the session brings nothing back in the process that ended it', async t => {
      const { sam } = await withSam(t)
      await sam.postJson('/impersonate/3/')
      const copy = (await sam.getJson('/kept')).json().kept
      await sam.postJson('/impersonate/stop/')
      await sam.post('/change', copy)
      t.match((await sam.getJson('/who')).json(), { statusCode: 409, endReason: 'stopped' })
      await sam.postJson('/impersonate/stop/')
      t.match((await sam.getJson('/who')).json(), { user: 2 })
    })

    t.test('runs the hooks', async t => {
      const events: unknown[] = []
      const { sam } = await withSam(t, {
        onSessionBegin: ({ log, impersonator, impersonating }) => { events.push(['begin', log.impersonatorName, impersonator?.id, impersonating?.id]) },
        onSessionEnd: ({ log, endReason, impersonator, impersonating }) => { events.push(['end', log.impersonatorName, impersonator?.id, impersonating?.id, endReason]) }
      })
      await sam.postJson('/impersonate/3/')
      await sam.postJson('/impersonate/stop/')
      t.same(events, [['begin', 'sam', 2, 3], ['end', 'sam', 2, 3, 'stopped']])
    })

    t.test('starts nothing where a begin hook throws', async t => {
      const ends: unknown[] = []
      const { sam, who } = await withSam(t, { onSessionBegin: () => { throw new Error('no') }, onSessionEnd: ({ endReason }) => { ends.push(endReason) } })
      t.match((await sam.postJson('/impersonate/3/')).json(), { statusCode: 500, code: 'FST_IMPERSONATE_ABORTED' })
      t.match(await who(), { user: 2, impersonator: null })
      t.same(ends, ['aborted'])
    })

    t.test('ends where somebody else is signed in', async t => {
      const ends: unknown[] = []
      const { sam, who } = await withSam(t, { onSessionEnd: ({ endReason }) => { ends.push(endReason) } })
      await sam.postJson('/impersonate/3/')
      await sam.post('/sign-in/4')
      t.match(await who(), { user: 4, impersonator: null })
      t.same(ends, ['logout'])
      await sam.post('/sign-in/2')
      t.match(await who(), { user: 2, impersonator: null })
    })

    t.test('takes what is not its own in the session for nothing, leaves it as it is, and starts nothing over it', async t => {
      const { sam, who } = await withSam(t)
      for (const rubbish of ['{}', '{ "id": "x" }', '[]', '{ "id": 1, "impersonatorId": "2", "impersonatingId": "3" }', '"text"', 'true', '0', '""', 'false']) {
        await sam.send({ method: 'POST', url: '/rubbish', headers: { 'content-type': 'application/json' }, payload: rubbish })
        t.match(await who(), { user: 2, impersonator: null }, rubbish)
        t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
        t.match((await sam.postJson('/impersonate/3/')).json(), { statusCode: 503, code: 'FST_IMPERSONATE_UNAVAILABLE' }, rubbish)
        t.same((await sam.getJson('/kept')).json(), { kept: JSON.parse(rubbish) })
      }
    })

    t.test('takes null in the session for nothing', async t => {
      const { sam, who } = await withSam(t)
      await sam.send({ method: 'POST', url: '/rubbish', headers: { 'content-type': 'application/json' }, payload: 'null' })
      t.match(await who(), { user: 2, impersonator: null })
      t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
    })

    t.test('leaves a field of the application\'s that is called impersonation alone', async t => {
      const { sam, who } = await withSam(t)
      const own = { id: 'mine', impersonatorId: '2', impersonatingId: '3' }
      await sam.post('/own', own)
      t.match(await who(), { user: 2 })
      await sam.postJson('/impersonate/3/')
      t.match(await who(), { user: 3 })
      await sam.postJson('/impersonate/stop/')
      t.same((await sam.getJson('/own')).json(), { own })
    })

    t.test('keeps only ids, times and the hash of the sign-in', async t => {
      const { sam } = await withSam(t, { maxDuration: 60, requireReason: true })
      await sam.send({ method: 'POST', url: '/impersonate/3/', headers: { accept: 'application/json', 'user-agent': 'Browser 1.0' }, payload: { reason: 'They rang up' } })
      const { kept } = (await sam.getJson('/kept')).json()
      t.same(Object.keys(kept).toSorted(), ['expiresAt', 'id', 'impersonatingId', 'impersonatorId', 'openKey', 'readOnly', 'startedAt'])
      t.notMatch(JSON.stringify(kept), /rang|Browser|Brien|sam|127/)
    })

    t.test('starts however long the reason is, as that is not kept', async t => {
      const { sam, who } = await withSam(t)
      const agent = `Browser ${'y'.repeat(3000)}`
      const started = await sam.send({
        method: 'POST', url: '/impersonate/3/', headers: { accept: 'application/json', 'user-agent': agent }, payload: { reason: 'x'.repeat(1000) }
      })
      t.equal(started.statusCode, 201)
      for (const { name, value } of started.cookies) t.ok(name.length + encodeURIComponent(value).length <= 4096, 'a cookie that browsers take')
      t.match(await who(), { user: 3, impersonation: { reason: null } })
    })

    t.test(`${signIn === 'session' ? 'starts' : 'refuses a start'} where the session is nearly as large as a cookie may be`, async t => {
      const begins: unknown[] = []
      const { sam, who } = await withSam(t, { onSessionBegin: event => { begins.push(event) } })
      await sam.post('/fill/2600')
      const answer = await sam.postJson('/impersonate/3/')
      if (signIn === 'session') {
        t.equal(answer.statusCode, 201)
      } else {
        t.match(answer.json(), { statusCode: 422, code: 'FST_IMPERSONATE_COOKIE_DROPPED', message: /4,096/ })
        t.same(begins, [])
        t.match(await who(), { user: 2, impersonator: null })
        t.match((await sam.send({ method: 'POST', url: '/impersonate/3/', headers: { accept: 'text/html' } })).body, /disableLogging/)
        await sam.post('/fill/2000')
        t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
      }
    })

    t.test('leads back to where a start came from, unless that is too long to be kept', async t => {
      for (const [path, redirect] of [['/short?a=b', '/short?a=b'], [`/${'long'.repeat(100)}`, '/']]) {
        const { sam } = await withSam(t, { useHttpReferer: true })
        const started = await sam.send({ method: 'POST', url: '/impersonate/3/', headers: { accept: 'application/json', referer: `http://localhost:80${path}` } })
        t.equal(started.statusCode, 201)
        t.match((await sam.postJson('/impersonate/stop/')).json(), { redirect })
      }
    })

    t.test('another process looks names up, and does without them where it cannot', async t => {
      const store = new JsonStore()
      const isDown = { value: false }
      const everyone = people()
      const users = memoryUsers(everyone)
      const source = {
        findPage: users.findPage,
        findById: async (id: string) => {
          if (isDown.value && id === '3') throw new Error('down')
          return await users.findById(id)
        }
      }
      const clock = { at: Date.parse('2026-01-31T12:00:00Z') }
      const ends: string[] = []
      const options: BuildOptions = {
        store, maxDuration: 60, users: source, searchFields: ['username'], now: () => clock.at, onSessionEnd: ({ log }) => { ends.push(log.impersonatingName) }
      }
      const { sam } = await withSam(t, options)
      await sam.postJson('/impersonate/3/')
      for (const [isUp, isThere, name] of [[true, true, "Carl O'Brien"], [false, true, '3'], [true, false, '3']] as const) {
        const second = await build(t, { signIn, disableLogging: true, ...options })
        const there = browser(second)
        for (const [name, value] of sam.jar) there.jar.set(name, value)
        isDown.value = !isUp
        const carl = everyone.findIndex(({ id }) => id === 3)
        const [gone] = isThere ? [] : everyone.splice(carl, 1)
        t.equal((await there.postJson('/impersonate/stop/')).statusCode, 200)
        isDown.value = false
        if (gone !== undefined) everyone.splice(carl, 0, gone)
        t.equal(ends.at(-1), name)
        for (const [name, value] of sam.jar) there.jar.set(name, value)
        if (signIn === 'session') {
          await sam.postJson('/impersonate/stop/')
          await sam.postJson('/impersonate/3/')
        }
      }
    })

    t.test('what a fetch found over is told the page as well', async t => {
      const clock = { at: Date.parse('2026-01-31T12:00:00Z') }
      const { who, sam } = await withSam(t, { maxDuration: 60, now: () => clock.at })
      await sam.postJson('/impersonate/3/')
      clock.at += 60_000
      const fetched = await sam.get('/who', { accept: 'application/json', 'sec-fetch-mode': 'cors' })
      t.match(fetched.json(), { statusCode: 409, endReason: 'expired' })
      t.match((await sam.post('/who', undefined, { accept: 'application/json', 'sec-fetch-mode': 'cors' })).json(), { statusCode: 409, endReason: 'expired' })
      t.equal((await sam.get('/who', { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).statusCode, 409)
      t.match(await who(), { user: 2, impersonator: null })
    })

    t.test('refuses a row of its own whose times are none, and forgets it at a stop', async t => {
      for (const change of [{ startedAt: 'once' }, { expiresAt: 'never' }, { startedAt: null }, { endedAt: {} }]) {
        const { sam } = await withSam(t)
        await sam.postJson('/impersonate/3/')
        await sam.post('/change', change)
        t.match((await sam.getJson('/who')).json(), { statusCode: 409, code: 'FST_IMPERSONATE_ENDED', endReason: null }, JSON.stringify(change))
        await sam.postJson('/impersonate/stop/')
        t.match((await sam.getJson('/who')).json(), { user: 2 })
      }
    })

    t.test('has no log pages', async t => {
      const { app } = await withSam(t, { adminAddPermission: true })
      const ada = browser(app)
      await ada.signIn(1)
      for (const url of ['/impersonate/log/', '/impersonate/log', '/impersonate/log/1/']) t.equal((await ada.getJson(url)).statusCode, 404)
      t.equal((await ada.postJson('/impersonate/log/', { impersonatorId: '2', impersonatingId: '3', sessionStartedAt: '2026-01-01', sessionEndedAt: '2026-01-02' })).statusCode, 404)
    })

    t.test('says once that nothing is recorded', async t => {
      const lines: string[] = []
      const { sam } = await withSam(t, { server: { logger: { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } } } })
      await sam.postJson('/impersonate/3/')
      await sam.postJson('/impersonate/stop/')
      t.equal(lines.filter(line => line.includes('disableLogging')).length, 1)
    })
  })
}

t.test('without a log, a start outside the cookie path of the session starts nothing', async t => {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(cookie)
  await app.register(session, { secret: 'a secret of at least thirty-two characters', cookie: { path: '/app', secure: false } })
  const ends: unknown[] = []
  await app.register(impersonate, {
    disableLogging: true, users: memoryUsers(people()), getRealUser: () => people()[1], onSessionEnd: ({ endReason }) => { ends.push(endReason) }
  })
  t.match((await browser(app).postJson('/impersonate/3/')).json(), { statusCode: 503, code: 'FST_IMPERSONATE_UNAVAILABLE' })
  t.same(ends, ['aborted'])
  t.equal((await browser(app).postJson('/impersonate/stop/')).statusCode, 200)
})
