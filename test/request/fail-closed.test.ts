import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { sessionId } from '../../dist/lib/http/web-session.js'
import { browser, build, people, type BuildOptions, type TestUser } from '../kit/build.js'
import { faulty, openLog } from '../kit/database.js'

const UNAVAILABLE = { statusCode: 503, code: 'FST_IMPERSONATE_UNAVAILABLE' }
const broken = (): never => { throw new Error('flags are at 10.0.0.7') }
const never = async () => await new Promise<never>(() => {})

type Functions = Pick<BuildOptions, 'isActive' | 'isStaff' | 'isSuperuser' | 'displayName' | 'userId' | 'signInId'>

for (const name of ['isActive', 'isStaff', 'isSuperuser', 'displayName', 'userId', 'signInId'] as const) {
  t.test(`where ${name} throws, nothing starts and nothing is run, and a stop lets the browser out`, async t => {
    let isBroken = false
    const working: Required<Functions> = {
      isActive: user => user.isActive !== false,
      isStaff: user => user.isStaff === true,
      isSuperuser: user => user.isSuperuser === true,
      displayName: user => String(user.username),
      userId: user => user.id,
      signInId: request => sessionId(request)
    }
    const breakable = { [name]: (given: never) => isBroken ? broken() : working[name](given) }
    let runs = 0
    const app = await build(t, { ...breakable, after: app => { app.get('/run', async () => { runs++; return {} }) } })
    const sam = browser(app)
    await sam.signIn(2)
    isBroken = true
    const refused = await sam.postJson('/impersonate/3/')
    t.match(refused.json(), UNAVAILABLE)
    t.notMatch(refused.body, '10.0.0.7')
    t.notOk(sam.jar.has('impersonation'))
    isBroken = false
    t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)

    isBroken = true
    if (name !== 'displayName') {
      t.match((await sam.getJson('/run')).json(), UNAVAILABLE)
      t.equal(runs, 0)
    }
    const stopped = await sam.postJson('/impersonate/stop/')
    t.notOk(sam.jar.has('impersonation'), 'the cookie is cleared whatever the answer can name')
    t.notMatch(stopped.body, '10.0.0.7')
    isBroken = false
    t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
  })
}

for (const [what, answer] of [['a text', 'sam'], ['a number', 5], ['a list', []], ['a promise of a text', Promise.resolve('sam')]] as const) {
  t.test(`a getRealUser that returns ${what} is 503, with and without a cookie of ours`, async t => {
    const app = await build(t, { getRealUser: () => answer as unknown as TestUser })
    for (const cookie of ['', `impersonation=${'A'.repeat(27)}`]) {
      t.match((await app.inject({ url: '/who', headers: { cookie, accept: 'application/json' } })).json(), UNAVAILABLE)
    }
    t.equal((await app.inject({ method: 'POST', url: '/impersonate/stop/', headers: { cookie: `impersonation=${'A'.repeat(27)}` } })).statusCode, 302)
  })
}

t.test('where nobody says who is signed in, a stop does not wait for it for good', async t => {
  for (const cookie of ['', `impersonation=${'A'.repeat(27)}`]) {
    const app = await build(t, { getRealUser: never, timeout: 50 })
    const answer = await app.inject({ method: 'POST', url: '/impersonate/stop/', headers: { accept: 'application/json', cookie } })
    t.equal(answer.statusCode, 200)
    t.same(answer.json(), { user: null, redirect: '/' })
  }
})

t.test('a signInId that is no text', async t => {
  for (const [signInId, status] of [[() => 7, 201], [() => null, 201], [() => undefined, 201], [() => ({}), 503], [async () => 'x', 503]] as Array<[() => string, number]>) {
    const app = await build(t, { getRealUser: () => people()[1], signInId })
    t.equal((await app.inject({ method: 'POST', url: '/impersonate/3/', headers: { accept: 'application/json' } })).statusCode, status, String(signInId))
  }
})

t.test('while the log is down, stops with made-up keys are not kept, and not each is a line of the server\'s log', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const lines: Array<{ waiting?: number, leftOut?: number }> = []
  const stream = { write: (line: string) => { lines.push(JSON.parse(line)) } }
  const app = await build(t, { prisma: faulty(real, faults), server: { logger: { level: 'error', stream } } })
  const [nobody, ada, sam, carl] = [browser(app), browser(app), browser(app), browser(app)]
  for (const [someone, id] of [[ada, 1], [sam, 2], [carl, 3]] as const) await someone.signIn(id)
  t.equal((await ada.postJson('/impersonate/3/')).statusCode, 201)
  const down = async () => { throw new Error('down') }
  Object.assign(faults, { findUnique: down, findMany: down })
  let number = 0
  for (const someone of [nobody, carl, sam]) {
    const session = [...someone.jar].map(([name, value]) => `${name}=${encodeURIComponent(value)}; `).join('')
    const statuses = await Promise.all(Array.from({ length: 200 }, async () => {
      const cookie = `${session}impersonation=${String(++number).padStart(27, '0')}`
      return (await app.inject({ method: 'POST', url: '/impersonate/stop/', headers: { cookie } })).statusCode
    }))
    t.ok(statuses.every(status => status === 302))
    if (someone !== sam) t.same(lines, [], 'who may not impersonate has nothing to stop')
  }
  t.ok(lines.length <= 23, `${lines.length} lines for the 20 that are kept`)
  t.equal((await ada.postJson('/impersonate/stop/')).statusCode, 200)
  const rounds = () => lines.filter(({ waiting }) => waiting !== undefined)
  while (rounds().at(-1)?.waiting !== 21) await pause(20)
  t.equal(rounds().reduce((sum, { leftOut = 0 }) => sum + leftOut, 0), 180)
  for (const name of Object.keys(faults)) delete faults[name]
  await app.close()
  t.match(await real.impersonationLog.findMany(), [{ endReason: 'stopped' }])
})

t.test('where nobody can tell who is signed in either, a thousand keys are kept', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  let waiting = 0
  const stream = { write: (line: string) => { waiting = Math.max(waiting, JSON.parse(line).waiting ?? 0) } }
  const app = await build(t, {
    prisma: faulty(real, faults), getRealUser: async () => { throw new Error('down') }, server: { logger: { level: 'error', stream } }
  })
  await app.ready()
  const down = async () => { throw new Error('down') }
  Object.assign(faults, { findUnique: down, findMany: down })
  for (let number = 0; number < 1100; number += 100) {
    await Promise.all(Array.from({ length: 100 }, async (unused, index) => {
      const cookie = `impersonation=${String(number + index).padStart(27, '0')}`
      t.equal((await app.inject({ method: 'POST', url: '/impersonate/stop/', headers: { cookie } })).statusCode, 302)
    }))
  }
  await app.close()
  t.equal(waiting, 1000)
})

t.test('starts that arrive while closings are left try those once', async t => {
  const real = await openLog(t)
  const faults: Parameters<typeof faulty>[1] = {}
  const app = await build(t, { prisma: faulty(real, faults) })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  let closes = 0
  // A start's own update, in its transaction, goes by the row's id.
  faults['updateMany'] = (args, original) => {
    if (!('sessionKey' in Reflect.get(Object(args), 'where'))) return original(args)
    closes++
    return Promise.reject(new Error('down'))
  }
  await sam.postJson('/impersonate/stop/')
  closes = 0
  await Promise.all(Array.from({ length: 20 }, async () => await sam.postJson('/impersonate/99/')))
  t.equal(closes, 0, 'a start that is refused tries nothing')
  await Promise.all(Array.from({ length: 5 }, async () => await sam.postJson('/impersonate/4/')))
  t.ok(closes < 10, `${closes} tries`)
})
