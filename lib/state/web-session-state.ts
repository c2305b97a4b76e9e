import type { FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_UNAVAILABLE } from '../errors.js'
import { webSession } from '../http/web-session.js'
import { endedAs, isLogRow, type LogRow } from '../log/store.js'
import type { Settings } from '../settings.js'
import type { AuditHooks } from './events.js'
import type { State } from './state.js'

const FIELD = 'impersonation'

/**
 * The stand-in for the log with `disableLogging`: the one open row is in the web session, and nothing else is kept.
 * What ended is gone with it, so an old copy of a stateless session can bring it back.
 */
export function createWebSessionState ({ now }: Settings, hooks: AuditHooks): State {
  const state: State = {
    mayBeClaimed: request => webSession(request)?.get(FIELD) !== undefined,

    async find (request) {
      const kept = webSession(request)?.get(FIELD)
      if (kept === undefined || kept === null) return 'nothing'
      return revive(kept, now()) ?? 'unknown'
    },

    // Where the session's own cookie is dropped, nobody is signed in.
    whyDropped: () => null,

    open: nothing,

    give (request, reply, row) {
      const session = webSession(request)
      if (session === undefined) throw new FST_IMPERSONATE_UNAVAILABLE('this request has no web session')
      session.set(FIELD, row)
    },

    forget: clear,

    async close (row, ending, source) {
      const ended = { ...row, ...endedAs(ending, row) }
      // It stays there as ended until the person has been told; `forget` takes it out.
      if (source.request !== null && keptId(source.request) === row.id) webSession(source.request)?.set(FIELD, ended)
      await hooks.end(ended, source)
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

async function nothing (): Promise<void> {}

function ignore (): void {}

function clear (request: FastifyRequest): void {
  webSession(request)?.set(FIELD, undefined)
}

function keptId (request: FastifyRequest): unknown {
  return Reflect.get(Object(webSession(request)?.get(FIELD)), 'id')
}

/**
 * The row again, after the session's store has put it through JSON. Nothing is kept of when it was last used: it is
 * now.
 */
function revive (kept: unknown, now: number): LogRow | null {
  if (typeof kept !== 'object' || kept === null) return null
  const timeOf = (name: string): unknown => {
    const value: unknown = Reflect.get(kept, name)
    return typeof value === 'string' ? new Date(value) : value
  }
  const row = {
    ...kept,
    sessionStartedAt: timeOf('sessionStartedAt'),
    lastSeenAt: new Date(now),
    expiresAt: timeOf('expiresAt'),
    sessionEndedAt: timeOf('sessionEndedAt')
  }
  return isLogRow(row) ? row : null
}
