import type { Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import type { EndReason } from '../../dist/lib/types/index.js'
import { browser, build, people, type BuildOptions, type TestUser } from '../kit/build.js'

const START = Date.parse('2026-01-31T12:00:00Z')
const after = (seconds: number) => new Date(START + seconds * 1000).toISOString()

interface Scene {
  app: FastifyInstance
  everyone: TestUser[]
  hidden: Set<number>
  clock: { at: number }
  sam: ReturnType<typeof browser>
  ada: ReturnType<typeof browser>
  key: string
  ends: unknown[]
}

interface Ending {
  reason: EndReason
  /** What the page says of it; nothing where the request goes on as nobody. */
  why: RegExp | null
  options?: BuildOptions
  end: (scene: Scene) => Promise<unknown> | unknown
  /** The cause is gone again: what has ended must not come back. */
  undo?: (scene: Scene) => Promise<unknown> | unknown
  /** When it truly ended. */
  at?: string
  by?: { id: string, name: string }
}

function change (everyone: TestUser[], id: number, how: Partial<TestUser>): void {
  Object.assign(everyone.find(user => user.id === id) ?? {}, how)
}

function remove (everyone: TestUser[], id: number): void {
  everyone.splice(everyone.findIndex(user => user.id === id), 1)
}

function restore (everyone: TestUser[], id: number): void {
  everyone.push(...people().filter(user => user.id === id))
}

const SAM = { id: '2', name: 'sam' }
const endings: Ending[] = [
  {
    reason: 'stopped',
    why: /It was stopped/,
    end: async ({ sam, key }) => {
      await sam.postJson('/impersonate/stop/')
      sam.jar.set('impersonation', key)
    },
    by: SAM
  },
  {
    reason: 'replaced',
    why: /You have started another one/,
    end: async ({ sam, key }) => {
      sam.jar.delete('impersonation')
      await sam.postJson('/impersonate/4/')
      sam.jar.set('impersonation', key)
    }
  },
  {
    reason: 'expired',
    why: /Its time was up/,
    options: { maxDuration: 60 },
    end: ({ clock }) => { clock.at += 3_600_000 },
    undo: ({ clock }) => { clock.at = START },
    at: after(60)
  },
  {
    reason: 'idle',
    why: /It was not used for too long/,
    options: { idleTimeout: 600, maxDuration: 3600 },
    end: ({ clock }) => { clock.at += 7_200_000 },
    undo: ({ clock }) => { clock.at = START },
    at: after(600)
  },
  {
    reason: 'abandoned',
    why: /It was not used for too long/,
    options: { abandonedAfter: 1800 },
    end: async ({ app, sam, clock }) => {
      clock.at += 60_000
      await sam.getJson('/who')
      clock.at += 7_200_000
      await app.impersonate.sweep()
    },
    undo: ({ clock }) => { clock.at = START },
    at: after(1860)
  },
  {
    reason: 'aborted',
    why: /It did not start/,
    end: async ({ app, clock }) => {
      clock.at += 600_000
      await app.impersonate.sweep()
    },
    undo: ({ clock }) => { clock.at = START }
  },
  {
    reason: 'revoked',
    why: /It was ended by/,
    end: async ({ ada }) => {
      const { sessions } = (await ada.getJson('/impersonate/sessions/')).json()
      await ada.postJson(`/impersonate/sessions/${sessions[0].id}/end/`)
    },
    by: { id: '1', name: 'ada' }
  },
  {
    reason: 'impersonator_denied',
    why: /You may no longer impersonate/,
    end: ({ everyone }) => { change(everyone, 2, { isStaff: false }) },
    undo: ({ everyone }) => { change(everyone, 2, { isStaff: true }) }
  },
  {
    reason: 'impersonator_inactive',
    why: /Your account is inactive/,
    end: ({ everyone }) => { change(everyone, 2, { isActive: false }) },
    undo: ({ everyone }) => { change(everyone, 2, { isActive: true }) }
  },
  {
    reason: 'target_denied',
    why: /You may no longer see this user/,
    end: ({ everyone }) => { change(everyone, 3, { isSuperuser: true }) },
    undo: ({ everyone }) => { change(everyone, 3, { isSuperuser: false }) }
  },
  {
    reason: 'target_denied',
    why: /You may no longer see this user/,
    options: { customUserQueryset: request => (user: TestUser) => !Reflect.get(request.server, 'hidden').has(user.id) },
    end: ({ hidden }) => { hidden.add(3) },
    undo: ({ hidden }) => { hidden.clear() }
  },
  {
    reason: 'target_inactive',
    why: /The account you saw is inactive/,
    end: ({ everyone }) => { change(everyone, 3, { isActive: false }) },
    undo: ({ everyone }) => { change(everyone, 3, { isActive: true }) }
  },
  {
    reason: 'target_deleted',
    why: /The account you saw is gone/,
    end: ({ everyone }) => { remove(everyone, 3) },
    undo: ({ everyone }) => { restore(everyone, 3) }
  },
  {
    reason: 'logout',
    why: null,
    end: async ({ sam, key }) => {
      // Without our cookie, so that only the next request can notice.
      sam.jar.delete('impersonation')
      await sam.signOut()
      sam.jar.set('impersonation', key)
    },
    undo: async ({ sam }) => { await sam.signIn(2) }
  },
  {
    reason: 'impersonator_deleted',
    why: null,
    end: ({ everyone }) => { remove(everyone, 2) },
    undo: ({ everyone }) => { restore(everyone, 2) }
  }
]

/** Every reason to end, by each way to sign in, with what the log has for it; `databaseOptions` gives each application an empty log. */
export async function testEveryEnding (t: Test, databaseOptions: () => Promise<BuildOptions> = async () => ({})): Promise<void> {
  for (const signIn of ['session', 'secure-session', 'bearer'] as const) {
    /** sam runs as carl, ada looks on, and the people and the clock can be changed. */
    const running = async (t: Test, options: BuildOptions = {}): Promise<Scene> => {
      const everyone = people()
      const hidden = new Set<number>()
      const clock = { at: START }
      const ends: unknown[] = []
      const app = await build(t, {
        people: everyone,
        now: () => clock.at,
        signIn,
        before: app => { app.decorate('hidden', hidden) },
        onSessionEnd: ({ endReason, log }) => { ends.push([endReason, log.impersonatorName, log.impersonatingName]) },
        ...await databaseOptions(),
        ...options
      })
      const [sam, ada] = [browser(app), browser(app)]
      await sam.signIn(2)
      await ada.signIn(1)
      t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
      return { app, everyone, hidden, clock, sam, ada, key: sam.jar.get('impersonation') ?? '', ends }
    }
    const entryOf = async ({ ada }: Scene, reason: string) => {
      const { logs }: { logs: Array<{ endReason: string }> } = (await ada.getJson('/impersonate/log/')).json()
      return logs.find(({ endReason }) => endReason === reason)
    }

    for (const { reason, why, options, end, undo, at = after(0), by = null } of endings) {
      for (const kind of ['HTML', 'JSON'] as const) {
        const accept = { accept: kind === 'HTML' ? 'text/html' : 'application/json' }
        await t.test(`${reason}, ${kind}, signed in by ${signIn}${options === undefined ? '' : ', by an option'}`, async t => {
          let ran = 0
          const scene = await running(t, { ...options, after: app => { app.post('/act', async ({ user }) => { ran++; return { as: user?.id ?? null } }) } })
          const { sam, key, ends } = scene
          await end(scene)

          const answer = await sam.post('/act', undefined, accept)
          t.equal(sam.jar.has('impersonation'), why !== null && kind === 'JSON', 'the cookie is cleared where that is told to a person')
          if (why === null) {
            t.same(answer.json(), { as: null }, 'nobody is signed in, and the request goes on as nobody')
          } else {
            t.equal(answer.statusCode, 409)
            t.equal(ran, 0, 'the handler is not run')
            t.match(answer.headers['cache-control'], 'private, no-store')
            if (kind === 'JSON') {
              t.match(answer.json(), { statusCode: 409, code: 'FST_IMPERSONATE_ENDED', error: 'Conflict', endReason: reason })
            } else {
              t.match(answer.headers['content-type'], /^text\/html/)
              t.match(answer.body, /Carl O&#39;Brien/, 'the page says whose view it was')
              t.match(answer.body, why, 'why it ended')
              t.match(answer.body, /You are (<bdi>)?sam(<\/bdi>)? again/, 'and who one is now')
            }
          }

          await undo?.(scene)
          sam.jar.set('impersonation', key)
          const replayed = await sam.get('/who', { accept: 'application/json' })
          t.equal(replayed.statusCode, 409, 'it does not come back when the cause is undone')
          t.match(replayed.json(), { endReason: reason })
          await sam.postJson('/impersonate/stop/')
          t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null }, 'the next request is the real user\'s')
          t.match(await entryOf(scene, reason), { endReason: reason, sessionEndedAt: at, endedBy: by, impersonator: SAM, impersonating: { id: '3' } })
          t.strictSame(ends, [[reason, 'sam', 'Carl O\'Brien']], 'it ended once')
        })
      }
    }

    await t.test(`aborted, signed in by ${signIn}`, async t => {
      const scene = await running(t, { onSessionBegin: ({ log }) => { if (log.impersonatingId === '4') throw new Error('not her') } })
      const { sam, ends } = scene
      await sam.postJson('/impersonate/stop/')
      t.equal((await sam.postJson('/impersonate/4/')).statusCode, 500)
      t.notOk(sam.jar.has('impersonation'))
      t.match(await entryOf(scene, 'aborted'), { endReason: 'aborted', impersonating: { id: '4' }, sessionEndedAt: after(0) })
      t.strictSame(ends.at(-1), ['aborted', 'sam', 'cleo'])
      t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
    })
  }
}
