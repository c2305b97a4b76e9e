import type { FastifyRequest } from 'fastify'
import type { Context } from './context.js'
import { withoutKeys, type LogRow } from './log/store.js'
import { closeAll, openRows } from './log/sweep.js'
import type { ImpersonationLog, LiveFilter, LiveSessions, User } from './types.js'
import { atMost, within } from './within.js'

/** Who ends an impersonation of somebody else, and with which request. */
export interface Revoker {
  by: User | null
  request: FastifyRequest | null
}

/** Ends one as `revoked`. Resolves to the row as it is then, also where it had ended before; null where there is none. */
export async function endOne (context: Context, id: string, revoker: Revoker): Promise<LogRow | null> {
  const { log, settings } = context
  const find = async () => await within(settings.timeout, 'the log did not answer', async () => await log?.findById(id) ?? null)
  const row = await find()
  if (row === null || row.sessionEndedAt !== null) return row
  await revoke(context, row, revoker)
  // Read again, because somebody else may have been first, with another reason.
  return await find()
}

/** Ends all that are meant, whatever becomes of each; resolves to how many this call ended. */
export async function endAll (context: Context, filter: LiveFilter, revoker: Revoker): Promise<number> {
  return await closeAll(live(context, filter), async row => await revoke(context, row, revoker))
}

async function revoke ({ settings, state }: Context, row: LogRow, { by, request }: Revoker): Promise<boolean> {
  return await state.close(row, { reason: 'revoked', at: new Date(settings.now()), by: by === null ? null : settings.personOf(by) }, { request })
}

/** What is open and not past a deadline, newest first. */
async function * live ({ log, settings, state }: Context, filter: LiveFilter): AsyncGenerator<LogRow[]> {
  if (log === null) return
  await atMost(settings.timeout, state.sweep())
  yield * openRows({
    findOpen: async query => await within(settings.timeout, 'the log did not answer', async () => await log.findOpen(query))
  }, filter)
}

/** `fastify.impersonate.sessions`. */
export function createLiveSessions (context: Context): LiveSessions {
  return Object.freeze<LiveSessions>({
    async list (filter = {}) {
      const sessions: ImpersonationLog[] = []
      for await (const rows of live(context, filter)) sessions.push(...rows.map(withoutKeys))
      return sessions
    },

    async end (id, { by = null } = {}) {
      const row = await endOne(context, String(id), { by, request: null })
      return row === null ? null : withoutKeys(row)
    }
  })
}
