import type { FastifyRequest } from 'fastify'
import { withoutKeys, type LogRow } from '../log/store.js'
import { closeAll, openRows } from '../log/sweep.js'
import type { ImpersonationLog, LiveFilter, LiveSessions, User } from '../types/index.js'
import { atMost } from '../within.js'
import type { Core } from './core.js'

/** Who ends an impersonation of somebody else, and with which request. */
export interface Revoker {
  by: User | null
  request: FastifyRequest | null
}

/**
 * Ends one as `revoked`. Resolves to the row as it is then, also where it had ended before; null where there is none.
 */
export async function endOne (core: Core, id: string, revoker: Revoker): Promise<LogRow | null> {
  const { log } = core
  const find = async () => await log?.findById(id) ?? null
  const row = await find()
  if (row === null || row.sessionEndedAt !== null) return row
  await revoke(core, row, revoker)
  // Read again, because somebody else may have been first, with another reason.
  return await find()
}

/** Ends all that are meant, whatever becomes of each; resolves to how many this call ended. */
export async function endAll (core: Core, filter: LiveFilter, revoker: Revoker): Promise<number> {
  return await closeAll(live(core, filter), async row => await revoke(core, row, revoker))
}

async function revoke ({ settings, state }: Core, row: LogRow, { by, request }: Revoker): Promise<boolean> {
  return await state.close(row, { reason: 'revoked', at: new Date(settings.now()), by: by === null ? null : settings.personOf(by) }, { request })
}

/** What is open and not past a deadline, newest first. */
async function * live ({ log, settings, state }: Core, filter: LiveFilter): AsyncGenerator<LogRow[]> {
  if (log === null) return
  await atMost(settings.timeout, state.sweep())
  yield * openRows(log, filter)
}

/** `fastify.impersonate.sessions`. */
export function createLiveSessions (core: Core): LiveSessions {
  return Object.freeze<LiveSessions>({
    async list (filter = {}) {
      const sessions: ImpersonationLog[] = []
      for await (const rows of live(core, filter)) sessions.push(...rows.map(withoutKeys))
      return sessions
    },

    async end (id, { by = null } = {}) {
      const row = await endOne(core, String(id), { by, request: null })
      return row === null ? null : withoutKeys(row)
    }
  })
}
