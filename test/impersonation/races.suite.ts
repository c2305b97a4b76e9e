import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { webSession } from '../../dist/lib/http/web-session.js'
import type { PrismaClient } from '../../dist/prisma/generated/sqlite/client.js'
import { browser, build, JsonStore, type BuildOptions } from '../kit/build.js'
import { openLog } from '../kit/database.js'

const START = Date.parse('2026-01-31T12:00:00Z')

type Open = (t: Test) => Promise<{ prisma: PrismaClient, options: BuildOptions }>

type Who = 'sam' | 'ada' | 'sue'
interface Answer { status: number, json: any, key: string | undefined }

/** Two applications over one log and one store of sign-ins, and what their hooks were told. */
async function createScene (t: Test, open: Open) {
  const { prisma, options } = await open(t)
  const store = new JsonStore()
  const clock = { at: START }
  const begins: string[] = []
  const ends = new Map<string, unknown[]>()
  const doors = new Map<string, { enter: () => void, opened: Promise<void> }>()
  const wrong: string[] = []

  const node = async (): Promise<FastifyInstance> => await build(t, {
    store,
    timeout: 60_000,
    maxDuration: 60,
    now: () => clock.at,
    onSessionBegin: ({ log }) => { begins.push(log.id) },
    onSessionEnd: ({ log, endReason }) => { ends.set(log.id, [...ends.get(log.id) ?? [], endReason]) },
    after: app => {
      app.get<{ Params: { id: string } }>('/slow/:id', async request => {
        const seen = () => [request.user?.id, request.impersonator?.id ?? null, request.impersonation?.id ?? null]
        const before = seen()
        const door = doors.get(request.params.id)
        door?.enter()
        await door?.opened
        webSession(request)?.set('slow', request.params.id)
        return { before, after: seen() }
      })
    },
    ...options
  })
  const nodes = [await node(), await node()]

  const signIns = new Map<string, string>()
  for (const [name, id] of [['ada', 1], ['sam', 2], ['sue', 6]] as const) {
    const someone = browser(nodes[0]!)
    await someone.signIn(id)
    signIns.set(name, `sessionId=${encodeURIComponent(someone.jar.get('sessionId') ?? '')}`)
  }

  /** One request to either application, a moment sooner or later than the others of its round. */
  async function ask (who: Who, method: 'GET' | 'POST', url: string, key?: string): Promise<Answer> {
    await moment()
    const cookie = [signIns.get(who), ...(key === undefined ? [] : [`impersonation=${key}`])].join('; ')
    const response = await any(nodes).inject({ method, url, headers: { cookie, accept: 'application/json' } })
    return { status: response.statusCode, json: response.json(), key: response.cookies.find(({ name }) => name === 'impersonation')?.value }
  }

  function expect (isSo: boolean, text: string, ...seen: unknown[]): void {
    if (!isSo) wrong.push(`${text}: ${JSON.stringify(seen)}`)
  }

  const scene = {
    nodes,
    clock,
    wrong,
    ask,
    expect,
    rows: async () => await prisma.impersonationLog.findMany({ orderBy: { id: 'asc' } }),

    async start (): Promise<{ key: string, id: string }> {
      const { status, json, key } = await ask('sam', 'POST', '/impersonate/3/')
      expect(status === 201, 'a start on its own', status, json)
      return { key: key ?? '', id: json.impersonation.id }
    },

    sweep: async (): Promise<number> => {
      await moment()
      return await any(nodes).impersonate.sweep()
    },

    /** A request that stays in its handler until the door is opened. */
    async slow (key?: string) {
      const id = String(doors.size)
      let [enter, leave] = [() => {}, () => {}]
      const entered = new Promise<void>(resolve => { enter = resolve })
      doors.set(id, { enter, opened: new Promise<void>(resolve => { leave = resolve }) })
      const answer = ask('sam', 'GET', `/slow/${id}`, key)
      await entered
      return async () => {
        await moment()
        leave()
        return await answer
      }
    },

    /** What holds after each race, whoever won. */
    async check (): Promise<void> {
      const rows = await scene.rows()
      const open = rows.filter(row => row.sessionEndedAt === null)
      const ended = rows.filter(row => row.sessionEndedAt !== null)
      // An application may still be telling its hooks when another one has answered.
      for (let tries = 0; tries < 1000 && ended.some(row => !ends.has(row.id)); tries++) await pause(5)
      expect(new Set(open.map(row => row.openKey)).size === open.length && open.every(row => row.openKey !== null), 'one open row a sign-in', open)
      for (const row of open) expect(!ends.has(row.id), 'what runs has not ended', row, ends.get(row.id))
      for (const row of ended) {
        expect(row.openKey === null && Number(row.sessionEndedAt) >= Number(row.sessionStartedAt), 'an end has its time', row)
        expect(row.endReason !== null && (row.endReason !== 'revoked' || row.endedById !== null), 'an end has its reason', row)
        expect(JSON.stringify(ends.get(row.id)) === JSON.stringify([row.endReason]), 'one hook call for one end', row, ends.get(row.id))
      }
      expect(JSON.stringify([...begins].sort()) === JSON.stringify(rows.map(row => row.id)), 'one hook call for one start', rows.length, begins)
    },

    async clean (): Promise<void> {
      await prisma.impersonationLog.deleteMany()
      begins.splice(0)
      clock.at += 1000
    },

    hookCalls: () => [...ends.values()]
  }
  return scene
}

type Scene = Awaited<ReturnType<typeof createScene>>

function any<Item> (items: readonly [Item, ...Item[]] | Item[]): Item {
  return items[Math.floor(Math.random() * items.length)]!
}

/** None, some turns of the event loop, or a millisecond or two. */
async function moment (): Promise<void> {
  const length = Math.floor(Math.random() * 8)
  if (length > 5) await pause(length - 5)
  else for (let turn = 0; turn < length; turn++) await new Promise(resolve => { setImmediate(resolve) })
}

const times = async <Value>(most: number, work: (index: number) => Promise<Value>) => await Promise.all(Array.from({ length: most }, async (unused, index) => await work(index)))

const isAs = ({ status, json }: Answer, user: number, impersonator: number | null) => status === 200 && json.user === user && json.impersonator === impersonator
const isOver = ({ status, json }: Answer, ...reasons: string[]) => status === 409 && json.code === 'FST_IMPERSONATE_ENDED' && reasons.includes(json.endReason)

const races: Array<{ name: string, round: (scene: Scene, number: number) => Promise<void> }> = [
  {
    name: 'starts of one sign-in at once leave one of them running',
    async round ({ ask, expect, rows }) {
      const answers = await times(5, async index => await ask('sam', 'POST', `/impersonate/${3 + index % 2}/`))
      const started = answers.filter(({ status }) => status === 201)
      expect(started.length > 0 && answers.every(({ status }) => status === 201 || status === 409), 'started or refused', answers)
      const open = (await rows()).filter(row => row.sessionEndedAt === null)
      expect(open.length === 1 && (await rows()).length === started.length, 'one row open', open, started.length)
      for (const { key, json } of started) {
        const seen = await ask('sam', 'GET', '/who', key)
        if (json.impersonation.id === open[0]?.id) expect(isAs(seen, Number(open[0]?.impersonatingId), 2), 'the one that runs', seen)
        else expect(isOver(seen, 'replaced'), 'the others are over', seen)
      }
    }
  },
  {
    name: 'stops at once end it once',
    async round ({ ask, expect, rows, start }) {
      const { key } = await start()
      const answers = await times(5, async () => await ask('sam', 'POST', '/impersonate/stop/', key))
      expect(answers.every(({ status, key }) => status === 200 && key === ''), 'all are let out', answers)
      const ended = await rows()
      expect(ended.length === 1 && ended[0]?.endReason === 'stopped' && ended[0].endedById === '2', 'one end', ended)
    }
  },
  {
    name: 'a start against a stop: what was stopped is over, what was started runs',
    async round ({ ask, expect, rows, start }) {
      const { key, id } = await start()
      const [stopped, started, again] = await Promise.all([
        ask('sam', 'POST', '/impersonate/stop/', key),
        ask('sam', 'POST', '/impersonate/4/'),
        ask('sam', 'POST', '/impersonate/4/', key)
      ])
      expect(stopped.status === 200 && started.status === 201 && again.status === 409, 'each is answered', stopped, started, again)
      const all = await rows()
      const [first, second] = [id, started.json.impersonation.id].map(id => all.find(row => row.id === id))
      expect(first?.endReason === 'stopped' || first?.endReason === 'replaced', 'the first has ended', first)
      expect(second?.sessionEndedAt === null && all.length === 2, 'the second runs', all)
      expect(isAs(await ask('sam', 'GET', '/who', started.key), 4, 2), 'its key is good')
      expect(isOver(await ask('sam', 'GET', '/who', key), 'stopped', 'replaced'), 'the old key is not')
    }
  },
  {
    name: 'ends by colleagues against running requests: each runs as the target or not at all',
    async round ({ ask, expect, rows, start }) {
      const { key, id } = await start()
      const [ends, answers] = await Promise.all([
        Promise.all([ask('ada', 'POST', `/impersonate/sessions/${id}/end/`), ask('sue', 'POST', `/impersonate/sessions/${id}/end/`)]),
        times(5, async () => await ask('sam', 'POST', '/who', key))
      ])
      expect(answers.every(answer => isAs(answer, 3, 2) || isOver(answer, 'revoked')), 'as the target or not at all', answers)
      const [row] = await rows()
      for (const { status, json } of ends) {
        expect(status === 200 && json.endReason === 'revoked' && json.endedBy.id === row?.endedById, 'both hear of the one end', status, json, row)
      }
      expect(isOver(await ask('sam', 'POST', '/who', key), 'revoked'), 'over on the next request')
    }
  },
  {
    name: 'ends by colleagues against starts that replace it: one of them has ended it, and the last start holds',
    async round ({ ask, expect, rows, start }) {
      const { id } = await start()
      const [ends, starts] = await Promise.all([
        Promise.all([ask('ada', 'POST', `/impersonate/sessions/${id}/end/`), ask('sue', 'POST', `/impersonate/sessions/${id}/end/`)]),
        times(3, async () => await ask('sam', 'POST', '/impersonate/4/'))
      ])
      const all = await rows()
      const [first, open] = [all.find(row => row.id === id), all.find(row => row.sessionEndedAt === null)]
      for (const { status, json } of ends) {
        expect(status === 200 && ['revoked', 'replaced'].includes(json.endReason) && json.endReason === first?.endReason, 'colleagues hear how it ended', first, json)
      }
      const last = starts.find(({ json }) => json.impersonation?.id === open?.id)
      expect(open !== undefined && isAs(await ask('sam', 'GET', '/who', last?.key), 4, 2), 'the last start holds', all, starts)
    }
  },
  {
    name: 'slow requests across a start and a stop stay who they were, and change nothing',
    async round ({ ask, expect, slow, start }) {
      const leavePlain = await slow()
      const [{ key, id }, early] = await Promise.all([start(), Promise.race([leavePlain(), pause(2)])])
      const plain = early ?? await leavePlain()
      expect(JSON.stringify([plain.json.before, plain.json.after]) === JSON.stringify([[2, null, null], [2, null, null]]), 'it was nobody else', plain)
      expect(plain.key === undefined, 'it takes no cookie away', plain)
      expect(isAs(await ask('sam', 'GET', '/who', key), 3, 2), 'the start holds')

      const leaveMasked = await slow(key)
      const [masked] = await Promise.all([leaveMasked(), ask('sam', 'POST', '/impersonate/stop/', key)])
      expect(JSON.stringify([masked.json.before, masked.json.after]) === JSON.stringify([[3, 2, id], [3, 2, id]]), 'it was the target throughout', masked)
      expect(masked.key === undefined, 'it gives no cookie back', masked)
      expect(isOver(await ask('sam', 'GET', '/who', key), 'stopped'), 'the stop holds')
      expect(isAs(await ask('sam', 'GET', '/who'), 2, null), 'who it is now')
    }
  },
  {
    name: 'sweeps against a stop, requests and colleagues: it ends once, at its deadline where that has passed',
    async round ({ ask, clock, expect, rows, start, sweep }, number) {
      const { key, id } = await start()
      const deadline = clock.at + 60_000
      const isLate = number % 2 === 0
      clock.at = isLate ? deadline + 60_000 : deadline - 1
      const ends: Array<() => Promise<unknown>> = [
        async () => await ask('sam', 'POST', '/impersonate/stop/', key),
        async () => await ask('ada', 'POST', `/impersonate/sessions/${id}/end/`),
        async () => await ask('sue', 'GET', '/who', key),
        async () => await ask('sam', 'POST', '/impersonate/4/')
      ]
      const [swept, , seen] = await Promise.all([
        times(4, sweep), any(ends)(), ask('sam', 'GET', '/who', key)
      ])
      expect(swept.every(closed => closed <= (isLate ? 1 : 0)), 'swept once at most', swept)
      const row = (await rows()).find(row => row.id === id)
      if (!isLate) expect(row?.endReason !== 'expired' && Number(row?.sessionEndedAt) === clock.at, 'not before its deadline', row)
      else expect(row?.endReason === 'expired' && Number(row.sessionEndedAt) === deadline, 'whoever was first, it ended at its deadline', row, seen)
      expect(isOver(seen, row?.endReason ?? '') || (!isLate && isAs(seen, 3, 2)), 'the request is told the same', seen, row)
    }
  }
]

/** Each race so many times, by two applications over one log. */
export function testRaces (t: Test, open: Open, rounds: number): void {
  t.test('races', async t => {
    const scene = await createScene(t, open)
    for (const race of races) {
      t.test(race.name, async t => {
        for (let number = 0; number < rounds && scene.wrong.length === 0; number++) {
          await race.round(scene, number)
          await scene.check()
          await scene.clean()
        }
        t.same(scene.wrong.splice(0), [])
      })
    }
    t.test('no hook was called again later', async t => {
      const calls = scene.hookCalls()
      t.ok(calls.length >= rounds)
      t.same(calls.filter(reasons => reasons.length !== 1), [])
    })
  })
}

/** One client for both applications: SQLite's wait for another one blocks the process that the other one is in. */
export const onSqlite: Open = async t => {
  const prisma = await openLog(t)
  return { prisma, options: { prisma } }
}
