import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { webSession } from '../../dist/lib/http/web-session.js'
import type { SessionEvent } from '../../dist/lib/types/index.js'
import { browser, build, JsonStore, people, type BuildOptions } from '../kit/build.js'

/** Something that is waited for until it is opened. */
function gate () {
  let open = (): void => {}
  const opened = new Promise<void>(resolve => { open = resolve })
  return { opened, open }
}

/** Sessions that are read at once and come when the gate opens, where there is one. */
class SlowStore extends JsonStore {
  next: { asked: ReturnType<typeof gate>, held: ReturnType<typeof gate> } | null = null
  override get (id: string, done: (error: unknown, value?: never) => void): void {
    const { next } = this
    this.next = null
    super.get(id, (error, value) => {
      if (next === null) return done(error, value)
      next.asked.open()
      next.held.opened.then(() => { done(error, value) })
    })
  }
}

/** What it is to wait for lies in the header `x-gate`. */
async function withSam (t: Test, options: BuildOptions = {}) {
  const gates = new Map<string, ReturnType<typeof gate> & { entered: ReturnType<typeof gate> }>()
  const ends: string[] = []
  const app = await build(t, {
    disableLogging: true,
    onSessionEnd: ({ endReason }: SessionEvent) => { ends.push(String(endReason)) },
    ...options,
    after: app => {
      app.get<{ Params: { name: string }, Querystring: { write?: string, leave?: string } }>('/slow/:name', async request => {
        const own = gates.get(request.params.name)
        if (request.query.leave !== undefined) await Reflect.get(request.session, 'destroy').call(request.session)
        own?.entered.open()
        await own?.opened
        if (request.query.write !== undefined) webSession(request)?.set('note', request.query.write)
        return { user: request.user?.id }
      })
      app.get('/note', async request => ({ note: webSession(request)?.get('note') ?? null }))
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  let names = 0
  /** A request that has begun; `finish` lets it go on, and takes what it answers. */
  async function slow (query = '') {
    const name = String(++names)
    const own = { ...gate(), entered: gate() }
    gates.set(name, own)
    const answer = sam.getJson(`/slow/${name}${query}`)
    await own.entered.opened
    return async () => {
      own.open()
      return (await answer).json()
    }
  }
  const who = async () => (await sam.getJson('/who')).json()
  return { app, sam, slow, who, ends }
}

for (const signIn of ['session', 'secure-session'] as const) {
  for (const query of ['', '?write=words']) {
    t.test(`over @fastify/${signIn}, a slow request that ${query === '' ? 'reads' : 'writes'}`, async t => {
      t.test('brings no stopped impersonation back', async t => {
        const { sam, slow, who, ends } = await withSam(t, { signIn })
        await sam.postJson('/impersonate/3/')
        const finish = await slow(query)
        t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
        t.match(await finish(), { user: 3 })
        t.match(await who(), { user: 2, impersonator: null })
        t.match((await sam.getJson('/note')).json(), { note: query === '' ? null : 'words' })
        t.same(ends, ['stopped'])
      })

      t.test('undoes no start', async t => {
        const { sam, slow, who } = await withSam(t, { signIn })
        const finish = await slow(query)
        t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
        t.match(await finish(), { user: 2 })
        t.match(await who(), { user: 3, impersonator: 2 })
        t.match((await sam.getJson('/note')).json(), { note: query === '' ? null : 'words' })
      })

      t.test('undoes none of many, one after the other', async t => {
        const { sam, slow, who } = await withSam(t, { signIn })
        const first = await slow(query)
        await sam.postJson('/impersonate/3/')
        const second = await slow(query)
        await sam.postJson('/impersonate/stop/')
        await first()
        await second()
        t.match(await who(), { user: 2, impersonator: null })
        const third = await slow(query)
        await sam.postJson('/impersonate/4/')
        await third()
        t.match(await who(), { user: 4, impersonator: 2 })
      })

      t.test('undoes no start of another browser, and starts nothing there', async t => {
        const { app, sam, slow, who } = await withSam(t, { signIn })
        const other = browser(app)
        // A sign-in of the same person that is not the same session, as it has something else in it.
        await other.getJson('/slow/none?write=other')
        await other.signIn(2)
        const finish = await slow(query)
        await other.postJson('/impersonate/3/')
        await finish()
        t.match(await who(), { user: 2, impersonator: null })
        t.match((await other.getJson('/who')).json(), { user: 3 })
        t.equal((await sam.postJson('/impersonate/4/')).statusCode, 201)
      })
    })
  }

  t.test(`over @fastify/${signIn}, a start and a stop under way do not undo each other`, async t => {
    const begun = gate()
    const held = gate()
    const { sam, who } = await withSam(t, {
      signIn,
      onSessionBegin: async () => {
        begun.open()
        await held.opened
      }
    })
    const starting = sam.postJson('/impersonate/3/')
    await begun.opened
    t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200, 'of what has not begun')
    held.open()
    t.equal((await starting).statusCode, 201)
    t.match(await who(), { user: 3 })
  })

  t.test(`over @fastify/${signIn}, of two stops at once one ends it`, async t => {
    const { app, sam, ends } = await withSam(t, { signIn })
    await sam.postJson('/impersonate/3/')
    const headers = { cookie: [...sam.jar].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; '), accept: 'application/json' }
    const stops = await Promise.all([1, 2, 3].map(async () => await app.inject({ method: 'POST', url: '/impersonate/stop/', headers })))
    t.same(stops.map(({ statusCode }) => statusCode), [200, 200, 200])
    t.same(ends, ['stopped'])
  })
}

t.test('a request whose session was read before, and came after, undoes neither a start nor a stop', async t => {
  const store = new SlowStore()
  const { sam, who } = await withSam(t, { store })
  for (const user of [3, 2]) {
    const next = { asked: gate(), held: gate() }
    store.next = next
    const slow = sam.getJson('/who')
    await next.asked.opened
    await (user === 3 ? sam.postJson('/impersonate/3/') : sam.postJson('/impersonate/stop/'))
    next.held.open()
    t.match((await slow).json(), user === 3 ? { user: 2 } : { statusCode: 409, code: 'FST_IMPERSONATE_ENDED', endReason: 'stopped' })
    t.match(await who(), { user })
  }
})

t.test('what has not to be saved is not, so that it undoes nothing of the application\'s', async t => {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(cookie)
  await app.register(session, {
    secret: 'a secret of at least thirty-two characters', store: new JsonStore(), rolling: false, saveUninitialized: false, cookie: { secure: false }
  })
  await app.register(impersonate, { users: memoryUsers(people()), disableLogging: true })
  const [entered, held] = [gate(), gate()]
  app.post('/sign-in/:id', async request => { webSession(request)?.set('userId', 2); return {} })
  app.get('/slow', async () => {
    entered.open()
    await held.opened
    return {}
  })
  app.get('/write', async request => { webSession(request)?.set('note', 'words'); return {} })
  app.get('/note', async request => ({ user: request.user?.['id'], note: webSession(request)?.get('note') ?? null }))
  const sam = browser(app)
  await sam.signIn(2)
  const slow = sam.getJson('/slow')
  await entered.opened
  await sam.postJson('/impersonate/3/')
  await sam.getJson('/write')
  held.open()
  await slow
  t.same((await sam.getJson('/note')).json(), { user: 3, note: 'words' })
})

t.test('a request that has destroyed its session meanwhile keeps nobody from starting', async t => {
  const [begun, held] = [gate(), gate()]
  const { sam, slow, who } = await withSam(t, {
    onSessionBegin: async () => {
      begun.open()
      await held.opened
    }
  })
  const starting = sam.postJson('/impersonate/3/')
  await begun.opened
  const finish = await slow('?leave=1')
  held.open()
  t.equal((await starting).statusCode, 201)
  await finish()
  t.match(await who(), { user: 3 }, 'as @fastify/session saves the session again')
})
