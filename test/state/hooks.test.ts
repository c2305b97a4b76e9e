import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { SessionEvent } from '../../dist/lib/types/index.js'
import { browser, build, people, type BuildOptions } from '../kit/build.js'
import { openLog } from '../kit/database.js'

t.setTimeout(120_000)

async function withSam (t: Test, options: BuildOptions = {}) {
  const prisma = await openLog(t)
  const app = await build(t, { prisma, ...options })
  const sam = browser(app)
  await sam.signIn(2)
  const log = async () => await prisma.impersonationLog.findMany({ orderBy: { id: 'asc' } })
  return { app, sam, log }
}

/** What the server's log says at the level of an error. */
function errors () {
  const lines: string[] = []
  return { lines, server: { logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } } } }
}

t.test('a begin hook and an end hook are each called once, with who, whom, the request and the row', async t => {
  const events: Array<[string, SessionEvent]> = []
  const { sam, log } = await withSam(t, {
    onSessionBegin: event => { events.push(['begin', event]) },
    onSessionEnd: event => { events.push(['end', event]) }
  })
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  await sam.getJson('/who')
  await sam.postJson('/impersonate/stop/')
  await sam.postJson('/impersonate/stop/')
  t.same(events.map(([name]) => name), ['begin', 'end'])
  const [row] = await log()
  const { sessionKey, openKey, ...published } = row ?? {}
  for (const [, event] of events) {
    t.match(event, { impersonator: { id: 2, username: 'sam' }, impersonating: { id: 3, username: 'carl' }, request: { method: 'POST' }, log: { id: row?.id, impersonatorId: '2', impersonatorName: 'sam', impersonatingId: '3' } })
    t.ok(Object.isFrozen(event.log))
    t.notOk('sessionKey' in event.log || 'openKey' in event.log, 'the two keys are nobody else\'s business')
  }
  t.match(events[0]?.[1], { endReason: null, log: { sessionEndedAt: null, endReason: null } })
  t.match(events[1]?.[1], { endReason: 'stopped', log: { endReason: 'stopped', endedById: '2', endedByName: 'sam' } })
  t.same(Object.keys(events[1]?.[1].log ?? {}).sort(), Object.keys(published).sort())
})

t.test('hooks are awaited one after another, those of the options first', async t => {
  const order: string[] = []
  const step = (name: string) => async () => {
    order.push(`${name} starts`)
    await pause(5)
    order.push(`${name} is done`)
  }
  const { app, sam } = await withSam(t, { onSessionBegin: step('first'), onSessionEnd: step('first end') })
  app.impersonate.addHook('onSessionBegin', step('second'))
  app.impersonate.addHook('onSessionBegin', step('third'))
  app.impersonate.addHook('onSessionEnd', step('second end'))
  await sam.postJson('/impersonate/3/')
  t.same(order.splice(0), ['first starts', 'first is done', 'second starts', 'second is done', 'third starts', 'third is done'])
  await sam.postJson('/impersonate/stop/')
  t.same(order, ['first end starts', 'first end is done', 'second end starts', 'second end is done'])
})

t.test('the row is there before the begin hook is called', async t => {
  const seen: unknown[] = []
  const { app, sam, log } = await withSam(t)
  app.impersonate.addHook('onSessionBegin', async () => { seen.push(...await log()) })
  await sam.postJson('/impersonate/3/')
  t.match(seen, [{ impersonatorId: '2', sessionEndedAt: null }])
})

t.test('addHook takes a function and a name that exists', async t => {
  const { app } = await withSam(t)
  t.throws(() => app.impersonate.addHook('onSessionBegin', 'log it' as never), TypeError)
  for (const name of ['onStart', 'toString', '__proto__']) {
    t.throws(() => app.impersonate.addHook(name as never, () => {}), new TypeError('addHook takes onSessionBegin or onSessionEnd'))
  }
})

t.test('both events are published on diagnostics_channel', async t => {
  const events: unknown[] = []
  const note = (event: unknown, name: string | symbol) => { events.push([name, event]) }
  for (const name of ['begin', 'end']) {
    subscribe(`fastify-impersonate:session-${name}`, note)
    t.teardown(() => unsubscribe(`fastify-impersonate:session-${name}`, note))
  }
  const { sam } = await withSam(t)
  await sam.postJson('/impersonate/3/')
  await sam.postJson('/impersonate/stop/')
  t.match(events, [
    ['fastify-impersonate:session-begin', { impersonator: { id: 2 }, impersonating: { id: 3 }, log: { impersonatorId: '2' }, endReason: null }],
    ['fastify-impersonate:session-end', { impersonator: { id: 2 }, impersonating: { id: 3 }, log: { impersonatorId: '2' }, endReason: 'stopped' }]
  ])
})

t.test('a begin hook that throws stops the start, and the row is closed as aborted', async t => {
  const ends: unknown[] = []
  const published: unknown[] = []
  const note = (event: unknown) => { published.push(event) }
  subscribe('fastify-impersonate:session-begin', note)
  t.teardown(() => unsubscribe('fastify-impersonate:session-begin', note))
  let isLaterCalled = false
  const { app, sam, log } = await withSam(t, {
    onSessionBegin: () => { throw new Error('no ticket') },
    onSessionEnd: ({ endReason }) => { ends.push(endReason) }
  })
  app.impersonate.addHook('onSessionBegin', () => { isLaterCalled = true })
  const response = await sam.postJson('/impersonate/3/')
  t.match(response.json(), { statusCode: 500, code: 'FST_IMPERSONATE_ABORTED' })
  t.notMatch(response.body, 'no ticket')
  t.notOk(sam.jar.has('impersonation'))
  t.match(await log(), [{ endReason: 'aborted', sessionEndedAt: Date, openKey: null, endedById: null }])
  t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
  t.same(ends, ['aborted'])
  t.same(published, [])
  t.notOk(isLaterCalled)
})

t.test('a begin hook that throws has its own statusCode, where it is one of an error', async t => {
  for (const [given, answered] of [[422, 422], [403, 403], [599, 599], [200, 500], [600, 500], ['404', 500], [418.5, 500]]) {
    const { sam } = await withSam(t, { onSessionBegin: async () => { throw Object.assign(new Error('no'), { statusCode: given }) } })
    const response = await sam.postJson('/impersonate/3/')
    t.equal(response.statusCode, answered, String(given))
    t.match(response.json(), { code: 'FST_IMPERSONATE_ABORTED', statusCode: answered })
  }
})

t.test('a begin hook may throw anything', async t => {
  for (const thrown of [null, 'no', undefined]) {
    const { sam, log } = await withSam(t, { onSessionBegin: () => { throw thrown } })
    t.match((await sam.postJson('/impersonate/3/')).json(), { statusCode: 500, code: 'FST_IMPERSONATE_ABORTED' })
    t.match(await log(), [{ endReason: 'aborted' }])
  }
})

t.test('a begin hook that does not answer is 503, and the row is closed as aborted', async t => {
  const { sam, log } = await withSam(t, { timeout: 50, onSessionBegin: async () => await new Promise(() => {}) })
  t.match((await sam.postJson('/impersonate/3/')).json(), { statusCode: 503, code: 'FST_IMPERSONATE_UNAVAILABLE' })
  t.match(await log(), [{ endReason: 'aborted' }])
  t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
})

t.test('an end hook that throws or does not answer is logged and changes nothing', async t => {
  const { lines, server } = errors()
  const called: string[] = []
  const { app, sam, log } = await withSam(t, { server, timeout: 50, onSessionEnd: () => { throw new Error('audit is down') } })
  app.impersonate.addHook('onSessionEnd', async () => await new Promise(() => {}))
  app.impersonate.addHook('onSessionEnd', () => { called.push('the last one') })
  await sam.postJson('/impersonate/3/')
  const response = await sam.postJson('/impersonate/stop/')
  t.equal(response.statusCode, 200)
  t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
  const [row] = await log()
  t.match(row, { endReason: 'stopped' })
  t.same(called, ['the last one'])
  t.equal(lines.filter(line => line.includes('a hook onSessionEnd failed') && line.includes(String(row?.id))).length, 2)
  t.ok(lines.some(line => line.includes('audit is down')))
})

t.test('a start that replaces an open row ends that one for the hooks', async t => {
  const events: unknown[] = []
  const { sam, log } = await withSam(t, {
    onSessionBegin: ({ log }) => { events.push(['begin', log.impersonatingId, null]) },
    onSessionEnd: ({ log, endReason, impersonator, impersonating }) => { events.push(['end', log.impersonatingId, endReason, impersonator?.id, impersonating?.id]) }
  })
  await sam.postJson('/impersonate/3/')
  sam.jar.delete('impersonation')
  await sam.postJson('/impersonate/4/')
  t.same(events, [['begin', '3', null], ['end', '3', 'replaced', 2, 3], ['begin', '4', null]])
  t.match(await log(), [{ endReason: 'replaced', impersonatingId: '3' }, { endReason: null, impersonatingId: '4' }])
})

t.test('an end that a request finds out is told with the people that are still there', async t => {
  const events: SessionEvent[] = []
  const everyone = people()
  const { sam } = await withSam(t, { people: everyone, onSessionEnd: event => { events.push(event) } })
  await sam.postJson('/impersonate/3/')
  everyone.splice(everyone.findIndex(({ id }) => id === 3), 1)
  t.equal((await sam.getJson('/who')).statusCode, 409)
  t.match(events, [{ impersonator: { id: 2 }, impersonating: null, endReason: 'target_deleted', log: { impersonatingName: 'Carl O\'Brien' } }])
})

t.test('an end hook gets null for a person where the users are down', async t => {
  const events: SessionEvent[] = []
  const lines: string[] = []
  let isDown = false
  const everyone = people()
  const { sam } = await withSam(t, {
    server: { logger: { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } } },
    users: {
      findById: async id => {
        if (isDown) throw new Error('down')
        return everyone.find(user => String(user.id) === id) ?? null
      },
      findPage: async () => ({ users: [], hasNext: false, hasPrevious: false, count: 0, countIsExact: true })
    },
    onSessionEnd: event => { events.push(event) }
  })
  await sam.postJson('/impersonate/3/')
  isDown = true
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.match(events, [{ impersonator: null, impersonating: null, endReason: 'stopped', log: { impersonatorName: 'sam' } }])
  t.ok(lines.some(line => line.includes('an end hook gets null')))
})
