import t, { type Test } from 'tap'
import type { SessionEvent } from '../../dist/lib/types/index.js'
import { browser, build, type BuildOptions } from '../kit/build.js'
import { openLog } from '../kit/database.js'

const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' }

async function withSam (t: Test, options: BuildOptions = {}) {
  const prisma = await openLog(t)
  const events: SessionEvent[] = []
  const app = await build(t, { prisma, onSessionBegin: event => { events.push(event) }, onSessionEnd: event => { events.push(event) }, ...options })
  const sam = browser(app)
  await sam.signIn(2)
  const form = async (payload: string, url = '/impersonate/3/') => await sam.send({ method: 'POST', url, headers: FORM, payload })
  const rows = async () => await prisma.impersonationLog.findMany()
  return { app, sam, form, rows, events }
}

t.test('a reason is kept in the row, in request.impersonation and given to both hooks', async t => {
  const { sam, rows, events } = await withSam(t, { requireReason: true })
  const started = await sam.postJson('/impersonate/3/', { reason: '  ticket 4711\n' })
  t.equal(started.statusCode, 201)
  t.equal(started.json().impersonation.reason, 'ticket 4711')
  t.match((await sam.getJson('/who')).json(), { impersonation: { reason: 'ticket 4711' } })
  await sam.postJson('/impersonate/stop/')
  t.match(await rows(), [{ reason: 'ticket 4711' }])
  t.same(events.map(({ log }) => log.reason), ['ticket 4711', 'ticket 4711'])
})

t.test('where none is required, one may be given', async t => {
  const { sam, rows } = await withSam(t)
  await sam.postJson('/impersonate/3/', { reason: null })
  await sam.postJson('/impersonate/stop/')
  await sam.postJson('/impersonate/3/', { reason: 'ticket 1' })
  await sam.postJson('/impersonate/stop/')
  await sam.postJson('/impersonate/3/', { reason: 'x'.repeat(1000) })
  t.same((await rows()).map(({ reason }) => reason), [null, 'ticket 1', 'x'.repeat(1000)])
})

const refused: Array<[string, BuildOptions, unknown, RegExp]> = [
  ['missing', { requireReason: true }, undefined, /^Give a reason$/],
  ['empty', { requireReason: true }, '', /^Give a reason$/],
  ['null', { requireReason: true }, null, /^Give a reason$/],
  ['white space', { requireReason: {} }, ' \u00a0\t\n ', /^Give a reason$/],
  ['too short', { requireReason: { minLength: 10 } }, ' 123456789 ', /at least 10 characters/],
  ['too short in characters, not in halves of them', { requireReason: { minLength: 3 } }, '👍👍', /at least 3 characters/],
  ['of what cannot be seen', { requireReason: true }, '\u200b\u2800\u00ad\u3164\u0001', /^Give a reason$/],
  ['padded with what cannot be seen', { requireReason: { minLength: 5 } }, 'ab\u200b\u200b\u200b\u200b', /at least 5 characters/],
  ['too long', { requireReason: true }, 'x'.repeat(1001), /at most 1000 characters/],
  ['too long, though none is required', {}, 'x'.repeat(1001), /at most 1000 characters/],
  ['refused by validate', { requireReason: { validate: () => 'There is no such ticket' } }, 'ticket 1', /^There is no such ticket$/],
  ['refused without words', { requireReason: { validate: () => '' } }, 'ticket 1', /^This reason is not accepted$/],
  // @ts-expect-error validate returns true or a text
  ['answered with something else', { requireReason: { validate: async () => 1 } }, 'ticket 1', /^This reason is not accepted$/]
]
for (const [what, options, reason, words] of refused) {
  t.test(`a reason that is ${what} is 422, and nothing starts`, async t => {
    const { app, sam, rows } = await withSam(t, options)
    const answer = await sam.postJson('/impersonate/3/', reason === undefined ? {} : { reason })
    t.match(answer.json(), { statusCode: 422, code: 'FST_IMPERSONATE_REASON_REQUIRED', message: words })
    t.same(await rows(), [])
    t.notOk(sam.jar.has('impersonation'))
    t.ok(app.impersonate)
  })
}

t.test('the page asks again, with what was typed and why it is not enough', async t => {
  const { form, rows } = await withSam(t, { requireReason: { minLength: 10 } })
  const answer = await form('reason=%3Cb%3Eshort&next=%2Fwho')
  t.equal(answer.statusCode, 422)
  t.match(answer.headers['content-type'], 'text/html')
  t.match(answer.body, 'at least 10 characters')
  t.match(answer.body, '&lt;b&gt;short', 'what was typed is kept, and is text')
  t.match(answer.body, /name="next" value="\/who"/, 'where to go is kept')
  t.match(answer.body, /action="\/impersonate\/3\/"/)
  t.match(answer.body, /minlength="10"/)
  t.same(await rows(), [])
  const again = await form('reason=long+enough+now&next=%2Fwho')
  t.equal(again.headers.location, '/who')
})

t.test('the page asks again for a user by id, and where the reason is too long but not required', async t => {
  const { form } = await withSam(t)
  const answer = await form(`userId=3&reason=${'x'.repeat(1001)}`, '/impersonate/-/start/')
  t.equal(answer.statusCode, 422)
  t.match(answer.body, /<textarea/)
  t.match(answer.body, /action="\/impersonate\/3\/"/)
})

t.test('the page that asks has a field for the reason, and a GET never starts without one', async t => {
  const { sam, rows } = await withSam(t, { requireReason: true })
  const page = await sam.click('/impersonate/3/')
  t.equal(page.statusCode, 200)
  t.match(page.body, /<textarea[^>]*name="reason"[^>]*required/)
  t.same(await rows(), [])
})

t.test('the reason comes before the look for the user, so it tells nothing of users', async t => {
  const { sam } = await withSam(t, { requireReason: true })
  for (const id of [1, 2, 3, 5, 99]) t.equal((await sam.postJson(`/impersonate/${id}/`)).statusCode, 422)
})

t.test('validate is asked last, with the real user\'s request and both people', async t => {
  const asked: unknown[] = []
  const { sam } = await withSam(t, {
    requireReason: {
      validate: async (reason, { request, impersonator, impersonating }) => {
        asked.push([reason, request.user?.username, request.impersonator, impersonator.username, impersonating.username])
        return true
      }
    }
  })
  t.equal((await sam.postJson('/impersonate/99/', { reason: 'a' })).statusCode, 404)
  t.equal((await sam.postJson('/impersonate/3/', { reason: ' a ' })).statusCode, 201)
  t.same(asked, [['a', 'sam', null, 'sam', 'carl']])
})

for (const [what, validate] of [
  ['throws', () => { throw new Error('ticket system at 10.0.0.7 is down') }], ['does not answer', async () => await new Promise<true>(() => {})]
] as const) {
  t.test(`a validate that ${what} is 503, and nothing starts`, async t => {
    const { sam, rows } = await withSam(t, { requireReason: { validate }, timeout: 50 })
    const answer = await sam.postJson('/impersonate/3/', { reason: 'ticket 1' })
    t.match(answer.json(), { statusCode: 503, code: 'FST_IMPERSONATE_UNAVAILABLE' })
    t.notMatch(answer.body, '10.0.0.7')
    t.same(await rows(), [])
  })
}

t.test('fastify.impersonate.start takes a reason', async t => {
  const { sam, rows } = await withSam(t, {
    requireReason: true,
    after: app => {
      app.post<{ Body: { reason?: string } }>('/own/:id', async (request, reply) => {
        const { impersonation } = await app.impersonate.start(request, reply, Reflect.get(Object(request.params), 'id'), request.body)
        return impersonation
      })
    }
  })
  t.match((await sam.postJson('/own/3', {})).json(), { statusCode: 422, code: 'FST_IMPERSONATE_REASON_REQUIRED' })
  t.match((await sam.postJson('/own/3', { reason: 'ticket 1' })).json(), { reason: 'ticket 1' })
  t.match(await rows(), [{ reason: 'ticket 1' }])
})

t.test('what is no character is kept out of the log', async t => {
  const { sam, rows } = await withSam(t)
  await sam.postJson('/impersonate/3/', { reason: 'a\0b\ud800' })
  t.match(await rows(), [{ reason: 'a\ufffdb\ufffd' }])
})

t.test('the option', async t => {
  for (const requireReason of [true, false, {}, { minLength: 1 }, { validate: () => true as const }]) await t.resolves(build(t, { requireReason, disableLogging: true }))
  for (const [requireReason, words] of [
    ['yes', /"requireReason" takes true, false or an object/], [{ minLength: 0 }, /"requireReason.minLength" takes a whole number from 1 to 1000/],
    [{ minLength: 1001 }, /minLength/], [{ validate: true }, /"requireReason.validate" takes a function/], [{ maxLength: 5 }, /"requireReason.maxLength" takes nothing: a reason has minLength, validate/]
  ]) {
    await t.rejects(build(t, { disableLogging: true, requireReason: Object(requireReason) instanceof String ? String(requireReason) : requireReason } as BuildOptions), { code: 'FST_IMPERSONATE_INVALID_OPTION', message: words })
  }
})
