import t from 'tap'
import { createUnderWay } from '../../dist/lib/state/under-way.js'
import { createWebSessionState } from '../../dist/lib/state/web-session-state.js'
import { row } from '../kit/database.js'

/** A request with a session of this id, like those of @fastify/session. */
function request (id: string, field?: unknown) {
  const kept = new Map<string, unknown>([['field', field]])
  const closing: Array<() => void> = []
  const session = {
    sessionId: id,
    get: (name: string) => kept.get(name),
    set: (name: string, value: unknown) => { kept.set(name, value) }
  }
  return {
    kept,
    session,
    request: { headers: { cookie: `sessionId=${id}.signature` }, session } as never,
    reply: (elapsedTime = 0) => ({ elapsedTime, raw: { once: (event: string, listener: () => void) => { closing.push(listener) } } }) as never,
    close: () => { for (const listener of closing) listener() }
  }
}

const done = () => {}

t.test('a session that cannot be saved by itself is left as it is', async t => {
  const sessions = createUnderWay('field')
  const [slow, starting] = [request('one'), request('one')]
  sessions.enter(slow.request, slow.reply(), done)
  sessions.enter(starting.request, starting.reply(), done)
  t.ok(sessions.write(starting.request, { id: 'a row' }))
  t.same(starting.kept.get('field'), { id: 'a row' })
  t.equal(slow.kept.get('field'), undefined)
  t.equal(sessions.read(slow.request), undefined)
})

t.test('what has been saved is not put into the sessions of requests that come later', async t => {
  const sessions = createUnderWay('field')
  const starting = request('one')
  sessions.enter(starting.request, starting.reply(), done)
  sessions.write(starting.request, { id: 'a row' })
  starting.close()
  const [late, early] = [request('one'), request('one')]
  let saved: unknown
  for (const { session } of [late, early]) {
    Object.setPrototypeOf(session, { save () { saved = session.get('field') } })
  }
  sessions.enter(late.request, late.reply(), done)
  Reflect.get(late.session, 'save')()
  t.equal(saved, undefined)
  sessions.enter(early.request, early.reply(60_000), done)
  Reflect.get(early.session, 'save')()
  t.same(saved, { id: 'a row' })
})

t.test('changes are forgotten where there are many', async t => {
  const sessions = createUnderWay('field')
  const first = request('first')
  const change = (of: ReturnType<typeof request>) => {
    sessions.enter(of.request, of.reply(), done)
    sessions.write(of.request, { id: 'a row' })
    sessions.leave(of.request, of.reply(), done)
  }
  change(first)
  for (let number = 0; number < 1000; number++) change(request(String(number)))
  for (const [id, isKnown] of [['999', true], ['first', false]] as const) {
    const later = request(id)
    let saved: unknown
    Object.setPrototypeOf(later.session, { save () { saved = later.session.get('field') } })
    sessions.enter(later.request, later.reply(60_000), done)
    Reflect.get(later.session, 'save')()
    t.equal(saved !== undefined, isKnown, id)
  }
})

t.test('who has impersonated long ago is forgotten', async t => {
  const ends: string[] = []
  const hooks = { add: done, areHeard: () => true, begin: async () => {}, end: async ({ id }: { id: string }) => { ends.push(id) } }
  const state = createWebSessionState({ now: Date.now } as never, hooks, {} as never, createUnderWay('field'))
  const source = { request: null }
  const rows = Array.from({ length: 10_001 }, () => row({ sessionEndedAt: null }))
  const [first, last] = [rows[0], rows.at(-1)]
  if (first === undefined || last === undefined) return t.fail()
  for (const row of rows) {
    await state.open(row, source)
    await state.close(row, { reason: 'stopped', at: new Date() }, source)
  }
  t.equal(await state.close(last, { reason: 'stopped', at: new Date() }, source), false)
  t.equal(await state.close(first, { reason: 'stopped', at: new Date() }, source), true)
})

t.test('a request that was never seen to enter writes for itself', async t => {
  const sessions = createUnderWay('field')
  const { request: alone, kept } = request('one')
  t.ok(sessions.write(alone, 'written'))
  t.equal(kept.get('field'), 'written')
})
