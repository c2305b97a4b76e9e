import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { browser, build, people, type BuildOptions } from '../kit/build.js'

type Line = Record<string, unknown> & { level: number, msg: string }

const [INFO, WARN] = [30, 40]
const BEGUN = 'fastify-impersonate: an impersonation has begun'
const ENDED = 'fastify-impersonate: an impersonation has ended'

/** What an application's own log says, but for what Fastify says of each request. */
async function logged (t: Test, options: BuildOptions = {}) {
  const lines: Line[] = []
  const app = await build(t, {
    adminAddPermission: true,
    adminDeletePermission: true,
    adminReadOnly: false,
    server: { logger: { level: 'info', stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } },
    ...options,
    after: async app => {
      app.post('/own/:id', async (request, reply) => {
        const { user } = await app.impersonate.start(request, reply, Object(request.params).id)
        return { id: user.id }
      })
      await options.after?.(app)
    }
  })
  const [sam, ada, carl] = [browser(app), browser(app), browser(app)]
  await sam.signIn(2)
  await ada.signIn(1)
  await carl.signIn(3)
  /** The lines of what this does. */
  const linesOf = async (act: () => Promise<unknown>): Promise<Line[]> => {
    lines.length = 0
    await act()
    await pause(20)
    return lines.filter(({ msg }) => !/^(incoming request|request completed)$/.test(msg))
  }
  const newest = async () => (await ada.getJson('/impersonate/log/')).json().logs[0]
  return { app, sam, ada, carl, linesOf, newest }
}

t.test('a begin and an end are one line each, with ids', async t => {
  const { sam, linesOf, newest } = await logged(t)
  const begun = await linesOf(async () => await sam.postJson('/impersonate/3/'))
  const { id } = await newest()
  t.equal(begun.length, 1)
  t.match(begun, [{ level: INFO, msg: BEGUN, impersonationId: id, impersonatorId: '2', userId: '3', reqId: String }])
  const ended = await linesOf(async () => await sam.postJson('/impersonate/stop/'))
  t.equal(ended.length, 1)
  t.match(ended, [{ level: INFO, msg: ENDED, impersonationId: id, impersonatorId: '2', userId: '3', endReason: 'stopped', byId: '2', reqId: String }])
  t.same(await linesOf(async () => await sam.postJson('/impersonate/stop/')), [], 'pressed twice, it ends once')
  t.notMatch(JSON.stringify([begun, ended]), /sam|carl|example\.com|O'Brien/)
})

t.test('each way to end is one line', async t => {
  let time = Date.UTC(2026, 0, 1)
  const { app, sam, ada, linesOf } = await logged(t, { maxDuration: 60, now: () => time })
  const ends = async (act: () => Promise<unknown>) => (await linesOf(act)).filter(({ msg }) => msg === ENDED)
  await sam.postJson('/impersonate/3/')
  t.match(await ends(async () => await ada.postJson('/impersonate/sessions/end/', { impersonator: '2' })), [{ endReason: 'revoked', byId: '1' }])
  sam.jar.delete('impersonation')
  await sam.postJson('/impersonate/3/')
  sam.jar.delete('impersonation')
  t.match(await ends(async () => await sam.postJson('/impersonate/4/')), [{ userId: '3', endReason: 'replaced', byId: null }])
  time += 61_000
  const swept = await ends(async () => await app.impersonate.sweep())
  t.match(swept, [{ userId: '4', endReason: 'expired', byId: null }])
  t.notOk('reqId' in Object(swept[0]), 'by nobody\'s request')
  sam.jar.delete('impersonation')
  await sam.postJson('/impersonate/3/')
  t.match(await ends(async () => await sam.signOut()), [{ userId: '3', endReason: 'logout', byId: '2' }])
})

t.test('a start that a begin hook stops has no begin, but an end', async t => {
  const { sam, linesOf } = await logged(t, { onSessionBegin () { throw Object.assign(new Error('Not now'), { statusCode: 403 }) } })
  const lines = await linesOf(async () => await sam.postJson('/impersonate/3/'))
  t.match(lines, [
    { msg: ENDED, endReason: 'aborted', impersonatorId: '2', userId: '3' },
    { level: INFO, code: 'FST_IMPERSONATE_ABORTED', impersonatorId: '2', userId: '3' }
  ])
  t.equal(lines.length, 2)
})

t.test('without a log they are lines all the same', async t => {
  const { sam, linesOf } = await logged(t, { disableLogging: true })
  t.match(await linesOf(async () => await sam.postJson('/impersonate/3/')), [{ msg: BEGUN, userId: '3' }])
  t.match(await linesOf(async () => await sam.postJson('/impersonate/stop/')), [{ msg: ENDED, userId: '3', endReason: 'stopped' }])
})

t.test('a refusal is one line without a stack, with who and whom', async t => {
  const { app, sam, carl, linesOf } = await logged(t, { requireReason: { minLength: 5 } })
  const refusals: Array<[string, () => Promise<unknown>, object]> = [
    ['who may not impersonate', async () => await carl.postJson('/impersonate/4/'), { level: INFO, code: 'FST_IMPERSONATE_FORBIDDEN', impersonatorId: '3', userId: '4' }],
    ['the same on a page', async () => await carl.post('/impersonate/4/'), { level: INFO, code: 'FST_IMPERSONATE_FORBIDDEN', impersonatorId: '3', userId: '4' }],
    ['the same by the body', async () => await carl.postJson('/impersonate/-/start/', { userId: 'list' }), { level: INFO, code: 'FST_IMPERSONATE_FORBIDDEN', impersonatorId: '3' }],
    ['who may not see the log', async () => await sam.getJson('/impersonate/log/'), { level: INFO, code: 'FST_IMPERSONATE_FORBIDDEN', impersonatorId: '2' }],
    ['who may not end another\'s', async () => await sam.postJson('/impersonate/sessions/some-id/end/'), { level: INFO, code: 'FST_IMPERSONATE_FORBIDDEN', impersonatorId: '2', impersonationId: 'some-id' }],
    ['nobody', async () => await browser(app).postJson('/impersonate/4/'), { level: INFO, code: 'FST_IMPERSONATE_NOT_AUTHENTICATED', userId: '4' }],
    ['another site', async () => await sam.post('/impersonate/3/', {}, { origin: 'https://evil.example' }), { level: INFO, code: 'FST_IMPERSONATE_CROSS_SITE', impersonatorId: '2', userId: '3' }],
    ['a reason that is too short', async () => await sam.postJson('/impersonate/3/', { reason: 'x' }), { level: INFO, code: 'FST_IMPERSONATE_REASON_REQUIRED', impersonatorId: '2', userId: '3' }],
    ['a target that is none', async () => await sam.postJson('/impersonate/6/', { reason: 'a reason' }), { level: WARN, impersonatorId: '2', userId: '6', refusal: 'a superuser' }]
  ]
  for (const [what, act, expected] of refusals) {
    const lines = await linesOf(act)
    t.equal(lines.length, 1, what)
    t.match(lines[0], expected, what)
    t.notOk('err' in Object(lines[0]) || JSON.stringify(lines).includes('    at '), `${what}: no stack`)
  }
})

t.test('a start that an application\'s own route does is refused with a line that has ids', async t => {
  const { sam, carl, linesOf } = await logged(t)
  const ofOurs = async (act: () => Promise<unknown>) => (await linesOf(act)).filter(({ impersonatorId }) => impersonatorId !== undefined)
  t.match(await ofOurs(async () => await carl.postJson('/own/4')), [{ level: INFO, code: 'FST_IMPERSONATE_FORBIDDEN', impersonatorId: '3', userId: '4' }])
  const refused = await ofOurs(async () => await sam.postJson('/own/6'))
  t.equal(refused.length, 1)
  t.match(refused, [{ level: WARN, refusal: 'a superuser', impersonatorId: '2', userId: '6' }])
  t.match(await ofOurs(async () => await sam.postJson('/own/3')), [{ msg: BEGUN }])
})

t.test('what an application\'s own hook refuses keeps its stack', async t => {
  const { sam, linesOf } = await logged(t, {
    before: app => app.addHook('preHandler', async request => {
      if (request.routeOptions.config.impersonateRoute === 'start') throw Object.assign(new Error('Second factor'), { statusCode: 403 })
    })
  })
  const lines = await linesOf(async () => await sam.postJson('/impersonate/3/'))
  t.equal(lines.length, 1)
  t.match(lines, [{ level: INFO, msg: 'Second factor', impersonatorId: '2', userId: '3', err: { stack: String } }])
})

t.test('who is refused but has no id is told without one', async t => {
  const { app, linesOf } = await logged(t, { getRealUser: () => ({ isActive: true, isStaff: false, isSuperuser: false }) as never })
  const lines = await linesOf(async () => await browser(app).postJson('/impersonate/3/'))
  t.match(lines, [{ level: WARN, msg: 'fastify-impersonate: it cannot be told who was refused' }, { level: INFO, code: 'FST_IMPERSONATE_FORBIDDEN', userId: '3' }])
})

t.test('what is added to the log, changed and deleted by hand is a line each, with who did it; so is a download', async t => {
  const { ada, linesOf, newest } = await logged(t)
  const added = await linesOf(async () => {
    const answer = await ada.postJson('/impersonate/log/', {
      impersonatorId: '2', impersonatingId: '3', sessionStartedAt: '2026-01-01', sessionEndedAt: '2026-01-02', reason: 'secret words'
    })
    t.equal(answer.statusCode, 201)
    t.match(answer.json(), { endReason: 'added', endedBy: { id: '1', name: 'ada' } })
  })
  const entry = await newest()
  t.match(entry, { endReason: 'added', endedBy: { id: '1', name: 'ada' }, sessionEndedAt: '2026-01-02T00:00:00.000Z' })
  const ids = { level: INFO, byId: '1', impersonationId: entry.id, impersonatorId: '2', userId: '3' }
  t.match(added, [{ ...ids, msg: 'fastify-impersonate: a log entry was added by hand' }])
  const page = await ada.get(`/impersonate/log/${entry.id}/`, { accept: 'text/html' })
  t.match(page.body, 'Entered by hand')
  t.match(page.body, 'ada')

  const changed = await linesOf(async () => await ada.postJson(`/impersonate/log/${entry.id}/`, { reason: 'other secret words' }))
  t.match(changed, [{ ...ids, msg: 'fastify-impersonate: a log entry was changed by hand' }])
  const csv = await linesOf(async () => await ada.getJson('/impersonate/-/log.csv?impersonator=2&from=2026-01-01'))
  t.match(csv, [{ level: INFO, byId: '1', format: 'csv', impersonatorId: '2', from: '2026-01-01T00:00:00.000Z', msg: 'fastify-impersonate: the log was downloaded' }])
  t.match(await linesOf(async () => await ada.getJson('/impersonate/-/log.jsonl')), [{ byId: '1', format: 'jsonl' }])
  t.same(await linesOf(async () => await ada.send({ method: 'HEAD', url: '/impersonate/-/log.csv' })), [], 'HEAD downloads nothing')
  const deleted = await linesOf(async () => await ada.postJson(`/impersonate/log/${entry.id}/delete/`))
  t.match(deleted, [{ ...ids, msg: 'fastify-impersonate: a log entry was deleted by hand' }])
  const all = [added, changed, csv, deleted]
  t.same(all.map(lines => lines.length), [1, 1, 1, 1])
  t.notMatch(JSON.stringify(all), /secret|O'Brien|example\.com/)
})

t.test('what is not done is no line of a change', async t => {
  const { ada, linesOf } = await logged(t)
  for (const act of [
    async () => await ada.postJson('/impersonate/log/nothing/', { reason: 'x' }),
    async () => await ada.postJson('/impersonate/log/nothing/delete/')
  ]) t.match(await linesOf(act), [{ code: 'FST_IMPERSONATE_LOG_NOT_FOUND', impersonatorId: '1', impersonationId: 'nothing' }])
})

t.test('a route\'s own logLevel keeps no begin and no end out of the server\'s log', async t => {
  const { sam, linesOf } = await logged(t, { getRealUser: () => people()[1], logLevel: 'error' } as BuildOptions)
  t.match(await linesOf(async () => await sam.postJson('/impersonate/3/')), [{ msg: BEGUN }])
})
