import { FST_IMPERSONATE_COOKIE_DROPPED, FST_IMPERSONATE_UNAVAILABLE } from '../errors.js'
import { fitsCookie, webSession } from '../http/web-session.js'
import { endedAs, type LogRow } from '../log/store.js'
import type { Settings } from '../settings.js'
import type { Users } from '../users/load.js'
import type { AuditHooks } from './events.js'
import { isKept, keep, revive } from './kept-row.js'
import type { State } from './state.js'
import type { createUnderWay } from './under-way.js'

/** The field of the web session: a name that no application has for something of its own. */
export const FIELD = 'fastify-impersonate'

const FOREIGN = `the web session has something in the field "${FIELD}" that is not the plugin's; it was left as it is`
const TOO_LARGE = 'with it the web session is too large for its cookie, of which browsers take 4,096 bytes: keep less in the session, or have a log'

/** So many rows are remembered: their names, and that they have ended. */
const MOST_REMEMBERED = 10_000

/**
 * The stand-in for the log with `disableLogging`: the one open row is in the web session, as far as it is needed there.
 * What this process has ended stays ended in it; another one may be brought an old copy of a stateless session.
 */
export function createWebSessionState (
  settings: Settings, hooks: AuditHooks, users: Users, sessions: Pick<ReturnType<typeof createUnderWay>, 'read' | 'write'>
): State {
  const { now } = settings
  const names = new Map<string, Pick<LogRow, 'impersonatorName' | 'impersonatingName'>>()
  const ended = new Map<string, LogRow>()

  async function nameOf (id: string): Promise<string | null> {
    try {
      const user = await users.find(id)
      return user === null ? id : settings.nameOf(user)
    } catch {
      // Who cannot be asked for now has the id for a name, and is asked for again.
      return null
    }
  }

  /** Names are not kept in the session: another process, or this one before, has started what it does not know. */
  async function named (row: LogRow): Promise<LogRow> {
    const known = names.get(row.id)
    if (known !== undefined) return { ...row, ...known }
    const both = [row.impersonatorId, row.impersonatingId].map(nameOf)
    const [impersonatorName = '', impersonatingName = ''] = await Promise.all(both)
    if (impersonatorName === null || impersonatingName === null) return row
    remember(names, row.id, { impersonatorName, impersonatingName })
    return { ...row, impersonatorName, impersonatingName }
  }

  const state: State = {
    mayBeClaimed: request => isKept(sessions.read(request)),

    async find (request) {
      const kept = sessions.read(request)
      if (!isKept(kept)) return 'nothing'
      const row = revive(kept, now())
      return row === null ? 'unknown' : ended.get(row.id) ?? await named(row)
    },

    // Where the session's own cookie is dropped, nobody is signed in.
    whyDropped: () => null,

    async open (row, { request }) {
      const { impersonatorName, impersonatingName } = row
      remember(names, row.id, { impersonatorName, impersonatingName })
      const session = request === null ? undefined : webSession(request)
      // Without one `give` refuses.
      if (session === undefined) return
      const before = session.get(FIELD)
      if (before !== undefined && before !== null && !isKept(before)) throw new FST_IMPERSONATE_UNAVAILABLE(FOREIGN)
      if (fitsCookie(session, FIELD, keep(row))) return
      throw Object.assign(new FST_IMPERSONATE_COOKIE_DROPPED(TOO_LARGE), { setting: 'disableLogging' })
    },

    give (request, reply, row) {
      if (!sessions.write(request, keep(row))) throw new FST_IMPERSONATE_UNAVAILABLE('this request has no web session')
    },

    forget (request) { sessions.write(request, undefined) },

    async close (row, ending, source) {
      if (ended.has(row.id)) return false
      const closed = { ...row, ...endedAs(ending, row) }
      remember(ended, row.id, closed)
      // It stays there as ended until the person has been told; `forget` takes it out.
      const { request } = source
      const kept = request === null ? undefined : sessions.read(request)
      if (request !== null && isKept(kept) && Reflect.get(kept, 'id') === row.id) sessions.write(request, keep(closed))
      await hooks.end(closed, source)
      return true
    },

    async closeSurely (row, ending, source) { await state.close(row, ending, source) },

    // What is in the session can always be read.
    closeUnread: ignore,

    see: ignore,

    sweep: async () => 0
  }
  return state
}

function ignore (): void {}

function remember<Value> (known: Map<string, Value>, id: string, value: Value): void {
  known.set(id, value)
  const [oldest] = known.keys()
  if (known.size > MOST_REMEMBERED && oldest !== undefined) known.delete(oldest)
}
