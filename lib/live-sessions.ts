import type { FastifyRequest } from 'fastify'
import type { Context } from './context.js'
import { withoutKeys, type LogRow } from './log/store.js'
import { openRows } from './log/sweep.js'
import { overdue } from './policy.js'
import type { LiveFilter, LiveSessions, User } from './types.js'
import { within } from './within.js'

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

/** Ends all that are meant; resolves to how many this call ended. */
export async function endAll (context: Context, filter: LiveFilter, revoker: Revoker): Promise<number> {
  let ended = 0
  for (const row of await findAll(context, filter)) if (await revoke(context, row, revoker)) ended++
  return ended
}

/** True where this has ended it. What is past a deadline has ended then, and by nobody. */
async function revoke ({ settings, state }: Context, row: LogRow, { by, request }: Revoker): Promise<boolean> {
  const now = settings.now()
  const ending = overdue(settings, row, now) ?? { reason: 'revoked', at: new Date(now), by: by === null ? null : settings.personOf(by) }
  return await state.close(row, ending, { request })
}

/** What is open and not past a deadline, newest first. */
async function findAll ({ log, settings, state }: Context, filter: LiveFilter): Promise<LogRow[]> {
  if (log === null) return []
  await state.sweepBriefly()
  const rows: LogRow[] = []
  for await (const row of openRows({
    findOpen: async query => await within(settings.timeout, 'the log did not answer', async () => await log.findOpen(query))
  }, filter)) rows.push(row)
  return rows
}

/** `fastify.impersonate.sessions`. */
export function createLiveSessions (context: Context): LiveSessions {
  return Object.freeze<LiveSessions>({
    list: async (filter = {}) => (await findAll(context, filter)).map(withoutKeys),

    async end (id, { by = null } = {}) {
      const row = await endOne(context, String(id), { by, request: null })
      return row === null ? null : withoutKeys(row)
    }
  })
}
