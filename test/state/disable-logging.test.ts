import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { webSession } from '../../dist/lib/http/web-session.js'
import type { SessionEvent } from '../../dist/lib/types/index.js'
import { browser, build, people, type BuildOptions } from '../kit/build.js'

for (const signIn of ['session', 'secure-session'] as const) {
  t.test(`without a log, over @fastify/${signIn}`, async t => {
    async function withSam (t: Test, options: BuildOptions = {}) {
      const app = await build(t, {
        signIn,
        disableLogging: true,
        after: app => {
          // Whatever an application's bug or an old version may have left there.
          app.post('/rubbish', async request => { webSession(request)?.set('impersonation', request.body); return {} })
          app.post('/change', async request => {
            const kept = webSession(request)?.get('impersonation')
            webSession(request)?.set('impersonation', { ...Object(kept), ...Object(request.body) })
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

    t.test('refuses what is no impersonation in the session, and forgets it', async t => {
      const { sam, who } = await withSam(t)
      for (const rubbish of [{}, { id: 'x' }, [], { id: 1, sessionKey: 'x' }]) {
        await sam.post('/rubbish', rubbish)
        t.match((await sam.getJson('/who')).json(), { statusCode: 409, code: 'FST_IMPERSONATE_ENDED', endReason: null }, JSON.stringify(rubbish))
        await sam.postJson('/impersonate/stop/')
        t.match(await who(), { user: 2, impersonator: null })
      }
      for (const rubbish of ['"text"', 'true', '0', '""', 'false']) {
        await sam.send({ method: 'POST', url: '/rubbish', headers: { 'content-type': 'application/json' }, payload: rubbish })
        t.match((await sam.getJson('/who')).json(), { statusCode: 409, code: 'FST_IMPERSONATE_ENDED' }, rubbish)
        await sam.postJson('/impersonate/stop/')
        t.match(await who(), { user: 2 })
      }
    })

    t.test('takes null in the session for nothing', async t => {
      const { sam, who } = await withSam(t)
      await sam.send({ method: 'POST', url: '/rubbish', headers: { 'content-type': 'application/json' }, payload: 'null' })
      t.match(await who(), { user: 2, impersonator: null })
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

    t.test('refuses a row whose times are none', async t => {
      for (const change of [{ sessionStartedAt: 'once' }, { expiresAt: 'never' }, { sessionStartedAt: null }]) {
        const { sam } = await withSam(t)
        await sam.postJson('/impersonate/3/')
        await sam.post('/change', change)
        t.match((await sam.getJson('/who')).json(), { statusCode: 409, code: 'FST_IMPERSONATE_ENDED', endReason: null }, JSON.stringify(change))
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
