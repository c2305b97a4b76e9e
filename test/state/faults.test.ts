import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { prismaLog } from '../../dist/lib/log/prisma/log.js'
import { browser, build, JsonStore, people, type BuildOptions, type TestUser } from '../kit/build.js'
import { faulty, openLog } from '../kit/database.js'

t.setTimeout(120_000)

const never = async () => await new Promise<never>(() => {})
const fail = async () => { throw new Error('connection refused at 10.0.0.7') }
const conflict = async () => { throw Object.assign(new Error('unique'), { code: 'P2002' }) }
const UNAVAILABLE = { statusCode: 503, code: 'FST_IMPERSONATE_UNAVAILABLE' }

type Faults = Parameters<typeof faulty>[1]

/** sam, signed in, in front of an application whose log can be broken at any time. */
async function withSam (t: Test, options: BuildOptions = {}) {
  const real = await openLog(t)
  const faults: Faults = {}
  const ends: unknown[] = []
  let runs = 0
  const prisma = faulty(real, faults)
  const app = await build(t, {
    prisma,
    timeout: 50,
    onSessionEnd: ({ log, endReason }) => { ends.push([log.impersonatingId, endReason]) },
    ...options,
    after: async app => {
      app.get('/run', async () => { runs++; return {} })
      await options.after?.(app)
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  const log = async () => await real.impersonationLog.findMany({ orderBy: { id: 'asc' } })
  const repair = () => { for (const name of Object.keys(faults)) delete faults[name] }
  return { app, sam, prisma, faults, repair, log, ends, runs: () => runs }
}

/** Until something that happens by itself has happened. */
async function until (check: () => Promise<boolean> | boolean): Promise<void> {
  while (!await check()) await pause(5)
}

const brokenLogs: Array<[string, Faults]> = [
  ['fails', { findUnique: fail, create: fail }],
  ['hangs', { findUnique: never, create: never }],
  ['cannot write', { create: fail }],
  ['does not answer a write', { create: never }],
  ['finds another row in the way and returns rubbish for it', { create: conflict, findUnique: async () => 'rubbish' }],
  ['finds another row in the way and returns something that is no row', { create: conflict, findUnique: async () => ({ id: 'x', openKey: null }) }]
]
for (const [what, broken] of brokenLogs) {
  t.test(`where the log ${what}, nothing starts`, async t => {
    let isBegun = false
    const { sam, faults, repair, log } = await withSam(t, { onSessionBegin: () => { isBegun = true } })
    Object.assign(faults, broken)
    const response = await sam.postJson('/impersonate/3/')
    t.match(response.json(), UNAVAILABLE)
    t.notMatch(response.body, '10.0.0.7')
    t.notOk(sam.jar.has('impersonation'))
    t.notOk(isBegun)
    repair()
    t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
    t.same(await log(), [])
  })
}

for (const [what, findUnique] of [
  ['fails', fail], ['hangs', never], ['returns rubbish', async () => []], ['returns a row without times', async () => ({ id: 'x', sessionKey: 'x', impersonatorId: '2', impersonatorName: 's', impersonatingId: '3', impersonatingName: 'c' })]
] as Array<[string, () => Promise<unknown>]>) {
  t.test(`where the log ${what}, no request with an impersonation is run`, async t => {
    const { sam, faults, repair, runs } = await withSam(t)
    await sam.postJson('/impersonate/3/')
    faults['findUnique'] = findUnique
    t.match((await sam.getJson('/run')).json(), UNAVAILABLE)
    t.match((await sam.getJson('/impersonate/status/')).json(), UNAVAILABLE)
    t.equal(runs(), 0)
    t.match((await sam.getJson('/admin/who')).json(), { user: 2 }, 'an excluded path needs no log')
    repair()
    t.equal((await sam.getJson('/run')).statusCode, 200)
    t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: 2 })
  })

  t.test(`where the log ${what}, none is run either that knows by itself who is signed in`, async t => {
    const { sam, faults, runs } = await withSam(t, { signIn: 'bearer' })
    await sam.postJson('/impersonate/3/')
    faults['findUnique'] = findUnique
    t.match((await sam.getJson('/run')).json(), UNAVAILABLE)
    t.equal(runs(), 0)
  })

  t.test(`where the log ${what}, everyone else is served`, async t => {
    const { sam, faults, runs } = await withSam(t)
    faults['findUnique'] = findUnique
    t.equal((await sam.getJson('/run')).statusCode, 200)
    t.equal(runs(), 1)
  })
}

for (const [what, findById] of [
  ['fail', fail], ['hang', never], ['return rubbish', async () => 'rubbish'], ['return a list', async () => []], ['return a user without id', async () => ({ isStaff: true })]
] as Array<[string, () => Promise<never>]>) {
  t.test(`where the users ${what}, nothing starts and nothing is run`, async t => {
    let isDown = false
    const everyone = people()
    const { sam, log, runs } = await withSam(t, {
      users: {
        findById: async id => isDown && id === '3' ? await findById() : everyone.find(user => String(user.id) === id) ?? null,
        findPage: async () => ({ users: [], hasNext: false, hasPrevious: false, count: 0, countIsExact: true })
      }
    })
    isDown = true
    t.match((await sam.postJson('/impersonate/3/')).json(), UNAVAILABLE)
    t.same(await log(), [])
    isDown = false
    await sam.postJson('/impersonate/3/')
    isDown = true
    t.match((await sam.getJson('/run')).json(), UNAVAILABLE)
    t.equal(runs(), 0)
    t.match(await log(), [{ sessionEndedAt: null }], 'what could not be checked is not ended')
    t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
    t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
  })
}

t.test('the log pages are 503 where the log is down', async t => {
  const { app, faults } = await withSam(t)
  const ada = browser(app)
  await ada.signIn(1)
  for (const broken of [fail, never]) {
    Object.assign(faults, { findMany: broken, findUnique: broken })
    t.match((await ada.getJson('/impersonate/log/')).json(), UNAVAILABLE)
    t.match((await ada.getJson('/impersonate/log/x/')).json(), UNAVAILABLE)
    const page = await ada.get('/impersonate/log/', { accept: 'text/html' })
    t.equal(page.statusCode, 503)
    t.match(page.headers['content-type'], 'text/html')
  }
  faults['findMany'] = async () => [null, 7]
  t.match((await ada.getJson('/impersonate/log/')).json(), UNAVAILABLE)
})

t.test('a row that is written later than anybody could wait is closed as aborted', async t => {
  const { sam, faults, repair, log, ends } = await withSam(t)
  faults['create'] = async (row, real) => {
    await pause(120)
    return await real(row)
  }
  t.match((await sam.postJson('/impersonate/3/')).json(), UNAVAILABLE)
  t.same(await log(), [])
  await until(() => ends.length > 0)
  t.same(ends, [['3', 'aborted']])
  t.match(await log(), [{ endReason: 'aborted', sessionEndedAt: Date, openKey: null }])
  repair()
  t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
})

t.test('a row that is replaced later than anybody could wait ends for the hooks too', async t => {
  const { sam, faults, ends } = await withSam(t)
  await sam.postJson('/impersonate/3/')
  sam.jar.delete('impersonation')
  faults['$transaction'] = async (steps, real) => {
    await pause(120)
    return await real(steps)
  }
  t.match((await sam.postJson('/impersonate/4/')).json(), UNAVAILABLE)
  await until(() => ends.length > 1)
  t.same(ends, [['4', 'aborted'], ['3', 'replaced']])
})

t.test('a start that others push out again and again is 409 in the end', async t => {
  const { sam, faults, log } = await withSam(t, { timeout: 10_000 })
  let tries = 0
  faults['create'] = async () => { tries++; throw Object.assign(new Error('unique'), { code: 'P2002' }) }
  t.match((await sam.postJson('/impersonate/3/')).json(), { statusCode: 409, code: 'FST_IMPERSONATE_ALREADY_ACTIVE' })
  t.ok(tries > 20)
  t.same(await log(), [])
})

t.test('a start that was pushed out once is tried again', async t => {
  for (const code of ['P2002', 'P2034', 'P1008']) {
    const { sam, faults, log } = await withSam(t, { timeout: 1000 })
    faults['create'] = async () => { delete faults['create']; throw Object.assign(new Error('passes'), { code }) }
    t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
    t.match(await log(), [{ sessionEndedAt: null }])
  }
})

for (const [what, broken] of [['fails', fail], ['hangs', never]] as const) {
  t.test(`where the log ${what} for good, a stop lets the browser out, and the row is closed once it is back`, async t => {
    const { sam, faults, repair, log, ends } = await withSam(t)
    await sam.postJson('/impersonate/3/')
    Object.assign(faults, { findUnique: broken, updateMany: broken })
    t.match((await sam.postJson('/impersonate/stop/')).json(), { user: { id: '2' }, redirect: '/' })
    t.notOk(sam.jar.has('impersonation'))
    t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
    t.match(await log(), [{ sessionEndedAt: null }])
    t.same(ends, [])
    repair()
    await until(() => ends.length > 0)
    t.same(ends, [['3', 'stopped']])
    t.match(await log(), [{ endReason: 'stopped', sessionEndedAt: Date, openKey: null }])
  })

  t.test(`where a write to the log ${what}, this process treats a stopped key as ended meanwhile`, async t => {
    const { sam, faults, repair, log, ends } = await withSam(t)
    await sam.postJson('/impersonate/3/')
    const stale = new Map(sam.jar)
    faults['updateMany'] = broken
    t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
    for (const [name, value] of stale) sam.jar.set(name, value)
    t.match((await sam.getJson('/run')).json(), { statusCode: 409, endReason: 'stopped' })
    t.match(await log(), [{ sessionEndedAt: null }])
    repair()
    await until(() => ends.length > 0)
    t.same(ends, [['3', 'stopped']])
    t.match(await log(), [{ endReason: 'stopped' }])
  })
}

t.test('closing is retried at growing intervals until it succeeds, and the end is the moment of the stop', async t => {
  let now = Date.parse('2026-01-31T12:00:00Z')
  const { sam, faults, log, ends } = await withSam(t, { now: () => now })
  await sam.postJson('/impersonate/3/')
  let tries = 0
  faults['updateMany'] = async (args, real) => ++tries < 3 ? await fail() : await real(args)
  now += 10_000
  await sam.postJson('/impersonate/stop/')
  now += 60_000
  await until(() => ends.length > 0)
  await until(async () => Number((await log())[0]?.reportedAt) > 0)
  t.equal(tries, 4, 'the third closes it, and one more notes that the hooks have run')
  t.match(await log(), [{ endReason: 'stopped', sessionEndedAt: new Date('2026-01-31T12:00:10Z'), endedById: '2' }])
})

t.test('a stop pressed twice while the log is down closes and ends once', async t => {
  const { app, sam, faults, repair, log, ends } = await withSam(t)
  await sam.postJson('/impersonate/3/')
  const other = browser(app)
  for (const [name, value] of sam.jar) other.jar.set(name, value)
  Object.assign(faults, { findUnique: fail, updateMany: fail })
  for (const tab of [sam, other]) t.equal((await tab.postJson('/impersonate/stop/')).statusCode, 200)
  repair()
  await until(() => ends.length > 0)
  await app.close()
  t.same(ends, [['3', 'stopped']])
  t.match(await log(), [{ endReason: 'stopped' }])
})

t.test('a stop whose row is closed later than anybody could wait runs the end hook once', async t => {
  const { app, sam, faults, repair, log, ends } = await withSam(t)
  await sam.postJson('/impersonate/3/')
  faults['updateMany'] = async (args, real) => {
    await pause(120)
    return await real(args)
  }
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  repair()
  await until(() => ends.length > 0)
  await app.close()
  await pause(150)
  t.same(ends, [['3', 'stopped']])
  t.match(await log(), [{ endReason: 'stopped' }])
})

t.test('a start after a stop that is not recorded yet records the stop first', async t => {
  const { sam, faults, repair, log, ends } = await withSam(t)
  await sam.postJson('/impersonate/3/')
  faults['updateMany'] = fail
  await sam.postJson('/impersonate/stop/')
  repair()
  t.equal((await sam.postJson('/impersonate/4/')).statusCode, 201)
  t.same(ends, [['3', 'stopped']])
  t.match(await log(), [{ endReason: 'stopped' }, { endReason: null }])
})

t.test('a start after a stop that is not recorded yet waits once for the log, and then starts nothing', async t => {
  const { sam, faults, repair, log } = await withSam(t, { timeout: 400 })
  await sam.postJson('/impersonate/3/')
  faults['updateMany'] = never
  await sam.postJson('/impersonate/stop/')
  faults['create'] = never
  const before = Date.now()
  t.match((await sam.postJson('/impersonate/4/')).json(), UNAVAILABLE)
  const waited = Date.now() - before
  t.ok(waited < 700, `${waited} ms`)
  repair()
  await until(async () => (await log()).every(({ sessionEndedAt }) => sessionEndedAt !== null))
  t.match(await log(), [{ endReason: 'stopped' }], 'what was too late is not written later')
  t.equal((await log()).length, 1)
})

t.test('a start that has waited for an earlier stop as long as it may writes no row afterwards', async t => {
  const { sam, faults, repair, log } = await withSam(t, { timeout: 400 })
  await sam.postJson('/impersonate/3/')
  faults['findUnique'] = fail
  await sam.postJson('/impersonate/stop/')
  // Both calls of the stop take their time, which is more than the start has.
  faults['findUnique'] = async (args, real) => {
    await new Promise(resolve => { setTimeout(resolve, 300) })
    return await real(args)
  }
  faults['updateMany'] = never
  t.match((await sam.postJson('/impersonate/4/')).json(), UNAVAILABLE)
  await new Promise(resolve => { setTimeout(resolve, 600) })
  repair()
  await until(async () => (await log()).every(({ sessionEndedAt }) => sessionEndedAt !== null))
  t.match(await log(), [{ impersonatingId: '3', endReason: 'stopped' }])
  t.equal((await log()).length, 1)
})

t.test('a stop that is not recorded yet is in nobody else\'s way', async t => {
  const { app, sam, faults } = await withSam(t, { timeout: 3000 })
  await sam.postJson('/impersonate/3/')
  faults['updateMany'] = never
  const stopping = sam.postJson('/impersonate/stop/')
  await pause(50)
  const ada = browser(app)
  await ada.signIn(1)
  const before = Date.now()
  t.equal((await ada.postJson('/impersonate/3/')).statusCode, 201)
  t.ok(Date.now() - before < 1500, `${Date.now() - before} ms`)
  delete faults['updateMany']
  t.equal((await stopping).statusCode, 200)
})

t.test('closing the application closes what is left', async t => {
  const { app, sam, faults, repair, log, ends } = await withSam(t)
  await sam.postJson('/impersonate/3/')
  Object.assign(faults, { updateMany: fail, findUnique: fail })
  await sam.postJson('/impersonate/stop/')
  repair()
  await app.close()
  t.same(ends, [['3', 'stopped']])
  t.match(await log(), [{ endReason: 'stopped' }])
})

t.test('closing the application tries no further than once', async t => {
  const { app, sam, faults, log } = await withSam(t)
  await sam.postJson('/impersonate/3/')
  let tries = 0
  faults['updateMany'] = async () => { tries++; await fail() }
  await sam.postJson('/impersonate/stop/')
  await app.close()
  t.equal(tries, 2)
  await pause(600)
  t.equal(tries, 2)
  t.match(await log(), [{ sessionEndedAt: null }])
})

t.test('where a row cannot be read for its stop, it is closed once it can', async t => {
  const { sam, faults, log, ends } = await withSam(t)
  await sam.postJson('/impersonate/3/')
  let reads = 0
  faults['findUnique'] = async (args, real) => ++reads < 4 ? await fail() : await real(args)
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  await until(() => ends.length > 0)
  t.same(ends, [['3', 'stopped']])
  t.match(await log(), [{ endReason: 'stopped' }])
})

t.test('what an application calls its own fields of a request is no claim of ours', async t => {
  for (const name of ['sessionKey', 'row', 'is', 'id']) {
    const { sam, faults, repair, log, ends } = await withSam(t, {
      before: app => { if (!app.hasRequestDecorator(name)) app.decorateRequest(name, null) }
    })
    await sam.postJson('/impersonate/3/')
    const key = String(sam.jar.get('impersonation'))
    Object.assign(faults, { findUnique: fail, updateMany: fail })
    t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200, name)
    repair()
    sam.jar.set('impersonation', key)
    t.match((await sam.getJson('/run')).json(), { statusCode: 409, endReason: 'stopped' }, name)
    const giveUpAt = performance.now() + 10_000
    await until(() => ends.length > 0 || performance.now() > giveUpAt)
    t.same(ends, [['3', 'stopped']], name)
    t.match(await log(), [{ endReason: 'stopped', openKey: null }], name)
  }
})

t.test('where a row is gone, its stop is done', async t => {
  const { app, sam, faults, ends } = await withSam(t)
  await sam.postJson('/impersonate/3/')
  let reads = 0
  faults['findUnique'] = async () => ++reads === 1 ? await fail() : null
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  await app.close()
  t.equal(reads, 2)
  t.same(ends, [])
})

t.test('a start whose commit is answered by nobody is closed as aborted', async t => {
  const { sam, faults, repair, log } = await withSam(t)
  faults['create'] = async (row, real) => {
    await real(row)
    throw new Error('Connection terminated')
  }
  t.match((await sam.postJson('/impersonate/3/')).json(), UNAVAILABLE)
  repair()
  await until(async () => (await log())[0]?.endReason === 'aborted')
  t.match(await log(), [{ openKey: null }])
})

t.test('a stop that waits to be recorded is what counts, whoever ends or sweeps the row meanwhile', async t => {
  for (const how of ['end', 'sweep'] as const) {
    let now = Date.parse('2026-01-31T12:00:00Z')
    const { app, sam, faults, repair, log, ends } = await withSam(t, { now: () => now, maxDuration: 60 })
    await sam.postJson('/impersonate/3/')
    faults['updateMany'] = fail
    now += 50_000
    await sam.postJson('/impersonate/stop/')
    repair()
    now += 20_000
    const [row] = await log()
    if (how === 'end') t.match(await app.impersonate.sessions.end(row?.id ?? ''), { endReason: 'stopped' })
    else t.equal(await app.impersonate.sweep(), 0)
    t.match(await log(), [{ endReason: 'stopped', sessionEndedAt: new Date('2026-01-31T12:00:50Z') }])
    t.same(ends, [['3', 'stopped']])
  }
})

t.test('a stop whose row could not be read before its deadline had passed ends at the deadline', async t => {
  let now = Date.parse('2026-01-31T12:00:00Z')
  const { sam, faults, repair, log, ends } = await withSam(t, { now: () => now, maxDuration: 60 })
  await sam.postJson('/impersonate/3/')
  now += 110_000
  Object.assign(faults, { findUnique: fail })
  await sam.postJson('/impersonate/stop/')
  repair()
  await until(() => ends.length > 0)
  t.match(await log(), [{ endReason: 'expired', sessionEndedAt: new Date('2026-01-31T12:01:00Z') }])
})

t.test('a stop with two cookies of the name lets the browser out without the log', async t => {
  const { sam, faults } = await withSam(t)
  await sam.postJson('/impersonate/3/')
  Object.assign(faults, { findUnique: fail, updateMany: fail })
  const key = String(sam.jar.get('impersonation'))
  const response = await sam.post('/impersonate/stop/', undefined, { cookie: `impersonation=${key}; impersonation=${key}`, accept: 'application/json' })
  t.equal(response.statusCode, 200)
  t.match(response.cookies, [{ name: 'impersonation', value: '' }])
})

t.test('an end that cannot be recorded is 503, and the next request tries again', async t => {
  const everyone = people()
  const { sam, faults, repair, ends, runs } = await withSam(t, { people: everyone })
  await sam.postJson('/impersonate/3/')
  everyone.splice(2, 1)
  faults['updateMany'] = fail
  t.match((await sam.getJson('/run')).json(), UNAVAILABLE)
  t.equal(runs(), 0)
  repair()
  t.match((await sam.getJson('/run')).json(), { statusCode: 409, endReason: 'target_deleted' })
  t.same(ends, [['3', 'target_deleted']])
})

t.test('lastSeenAt is written at most every five seconds', async t => {
  let now = Date.parse('2026-01-31T12:00:00Z')
  const { app, sam, log } = await withSam(t, { now: () => now })
  await sam.postJson('/impersonate/3/')
  now += 1000
  await sam.getJson('/run')
  now += 4999
  await sam.getJson('/run')
  t.match(await log(), [{ lastSeenAt: new Date('2026-01-31T12:00:01Z') }])
  now += 1
  await sam.getJson('/run')
  await app.close()
  t.match(await log(), [{ lastSeenAt: new Date('2026-01-31T12:00:06Z') }])
})

t.test('a request is served where lastSeenAt cannot be written, and that is logged', async t => {
  let now = Date.parse('2026-01-31T12:00:00Z')
  const lines: string[] = []
  const { app, sam, faults } = await withSam(t, { now: () => now, server: { logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } } } })
  await sam.postJson('/impersonate/3/')
  now += 6000
  faults['updateMany'] = fail
  t.equal((await sam.getJson('/run')).statusCode, 200)
  await app.close()
  t.ok(lines.some(line => line.includes('lastSeenAt could not be written')))
})

t.test('impersonators that are none are not offered', async t => {
  const { app, faults } = await withSam(t)
  const ada = browser(app)
  await ada.signIn(1)
  const answers = ['rubbish', { impersonatorId: '2', impersonatorName: 'sam', sessionStartedAt: new Date() }, { impersonatorId: '1', impersonatorName: 'ada', sessionStartedAt: new Date(NaN) }]
  faults['findFirst'] = async () => answers.shift()
  t.same((await ada.getJson('/impersonate/log/')).json().filters.impersonators, [{ id: '2', name: 'sam' }])
})

t.test('a cookie whose name only contains the plugin\'s is none', async t => {
  const { sam } = await withSam(t)
  const session = [...sam.jar].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ')
  t.match((await sam.get('/who', { cookie: `${session}; my_impersonation=x` })).json(), { user: 2, impersonator: null })
})

t.test('a client without the model is no log', async t => {
  t.throws(() => prismaLog({ $transaction: () => {} }), TypeError)
})

t.test('what the log never settles is refused after three rounds', async t => {
  let now = Date.parse('2026-01-31T12:00:00Z')
  for (const [what, change] of [
    ['past its deadline', () => { now += 61_000 }],
    ['whose target is gone', (everyone: TestUser[]) => { everyone.splice(2, 1) }]
  ] as Array<[string, (everyone: TestUser[]) => void]>) {
    const everyone = people()
    const { sam, faults, repair, runs, ends } = await withSam(t, { now: () => now, maxDuration: 60, people: everyone, timeout: 5000 })
    await sam.postJson('/impersonate/3/')
    change(everyone)
    let [writes, reads] = [0, 0]
    faults['updateMany'] = async () => ++writes > 50 ? await fail() : { count: 0 }
    faults['findUnique'] = async (args, real) => { reads++; return await real(args) }
    t.match((await sam.getJson('/run')).json(), UNAVAILABLE, what)
    t.equal(writes, 3, what)
    t.equal(reads, 4, what)
    t.equal(runs(), 0)
    t.same(ends, [])
    repair()
    t.match((await sam.getJson('/run')).json(), { statusCode: 409 }, what)
  }
})

t.test('rows are read where they are written, and not from a replica that is behind', async t => {
  const real = await openLog(t)
  const replica = faulty(real, { findUnique: async () => null, findFirst: async () => null, findMany: async () => [], count: async () => 0 })
  const prisma: typeof real & { $primary?: () => unknown } = new Proxy(replica, {
    get: (target, name): unknown => name === '$primary' ? () => real : Reflect.get(target, name)
  })
  const app = await build(t, { prisma })
  const [sam, ada] = [browser(app), browser(app)]
  await sam.signIn(2)
  await ada.signIn(1)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: 2 })
  t.equal((await ada.getJson('/impersonate/sessions/')).json().sessions.length, 1)
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.match((await ada.getJson('/impersonate/log/')).json().logs, [{ endReason: 'stopped' }])
})

t.test('an end is never before its start, whatever becomes of the clock', async t => {
  const start = Date.parse('2026-01-31T12:00:00Z')
  for (const how of ['stop', 'end', 'start again', 'sign out'] as const) {
    let now = start
    const { app, sam, log } = await withSam(t, { now: () => now })
    await sam.postJson('/impersonate/3/')
    now -= 90_000
    const [row] = await log()
    if (how === 'stop') await sam.postJson('/impersonate/stop/')
    if (how === 'end') await app.impersonate.sessions.end(row?.id ?? '')
    if (how === 'sign out') await sam.signOut()
    if (how === 'start again') {
      sam.jar.delete('impersonation')
      await sam.postJson('/impersonate/4/')
    }
    const ended = (await log()).find(({ impersonatingId }) => impersonatingId === '3')
    t.same(ended?.sessionEndedAt, new Date(start), how)
  }
})

t.test('of many requests at once one notes that the impersonation is in use', async t => {
  let now = Date.parse('2026-01-31T12:00:00Z')
  const writes: unknown[] = []
  const { app, sam, faults, log } = await withSam(t, { now: () => now, timeout: 5000 })
  await sam.postJson('/impersonate/3/')
  await sam.getJson('/run')
  now += 60_000
  faults['updateMany'] = async (args, real) => {
    const answer = await real(args)
    writes.push(answer)
    return answer
  }
  await Promise.all(Array.from({ length: 20 }, async () => {
    now++
    t.equal((await sam.getJson('/run')).statusCode, 200)
  }))
  await pause(50)
  t.same(writes, [{ count: 1 }])
  now += 5000
  await sam.getJson('/run')
  await app.close()
  t.same(writes, [{ count: 1 }, { count: 1 }])
  t.same((await log())[0]?.lastSeenAt, new Date(now))
})

t.test('of two processes one notes that the impersonation is in use', async t => {
  let now = Date.parse('2026-01-31T12:00:00Z')
  const writes: unknown[] = []
  const store = new JsonStore()
  const { app, sam, prisma, faults } = await withSam(t, { now: () => now++, timeout: 5000, store })
  await sam.postJson('/impersonate/3/')
  now += 60_000
  const reads: Array<() => void> = []
  faults['findUnique'] = async (args, real) => {
    const row = await real(args)
    await new Promise<void>(resolve => { reads.push(resolve) })
    return row
  }
  faults['updateMany'] = async (args, real) => {
    const answer = await real(args)
    writes.push(answer)
    return answer
  }
  const other = await build(t, { prisma, now: () => now++, store })
  const elsewhere = browser(other)
  for (const [name, value] of sam.jar) elsewhere.jar.set(name, value)
  const answers = [sam.getJson('/run'), elsewhere.getJson('/who')]
  await until(() => reads.length === 2)
  for (const go of reads) {
    go()
    now += 10
  }
  for (const { statusCode } of await Promise.all(answers)) t.equal(statusCode, 200)
  await Promise.all([app.close(), other.close()])
  t.same(writes.filter(answer => Object(answer).count === 1).length, 1)
})
