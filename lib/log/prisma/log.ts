import { setTimeout as pause } from 'node:timers/promises'
import { batched } from '../../batch.js'
import { FST_IMPERSONATE_ALREADY_ACTIVE } from '../../errors.js'
import { field, nullIfUnfit } from '../../is.js'
import { copyOf } from '../../users/copy.js'
import { unreported } from '../reported.js'
import { endedAs, isLogRow, type LogRow, type LogStore } from '../store.js'
import { codeOf, primaryOf } from './client.js'
import { rowsOf } from './exact.js'
import { rememberImpersonators } from './impersonators.js'
import { listRows, rowsAfter } from './pages.js'
import { patient } from './patient.js'
import { createWriter } from './writer.js'

/** Starts of one sign-in that arrive at once push one another out; the most seen was ten tries for one of fifty. */
const MOST_TRIES = 30

/** So many ends that were not reported are read at once; the rest waits for the next sweep. */
const MOST_UNREPORTED = 100

/** P2002: another start was first. P2034: a write conflict. Each passes. */
const PASSING = new Set(['P2002', 'P2034'])

/**
 * The rows of `ImpersonationLog`, by Prisma. What is found by a key is compared again, as MySQL and MariaDB take texts
 * that differ in case alone for the same.
 *
 * @param patience milliseconds for which a write waits for another process to be done with an SQLite file
 * @param isInProcess whether that file is written by this process's own event loop
 */
export function prismaLog (given: object, { patience = 5000, isInProcess = false } = {}): LogStore {
  const client = primaryOf(given)
  const { impersonationLog: log } = client
  const findByKey = batched<string, unknown>({
    one: async sessionKey => await log.findUnique({ where: { sessionKey } }),
    async many (keys) {
      const rows = await log.findMany({ where: { sessionKey: { in: keys } } })
      return new Map(rows.map(row => [String(field(row, 'sessionKey')), row]))
    },
    copy: copyOf
  })

  const impersonators = rememberImpersonators(log)

  const writer = patient(createWriter(client), patience, isInProcess)

  return {
    async findByKey (sessionKey) {
      const row = rowOrNull(await findByKey(sessionKey))
      return row?.sessionKey === sessionKey ? row : null
    },

    async findById (id) {
      // Not findUnique: of several in one turn Prisma makes one query, which an id that is none would fail for all.
      const [found] = await nullIfUnfit(log.findMany({ where: { id }, take: 1 })) ?? []
      const row = rowOrNull(found ?? null)
      return row?.id === id ? row : null
    },

    async open (row, endingOf) {
      // Hardly ever is there a row to replace, and then one insert is all; where there is, it is in the insert's way.
      let open: LogRow | null = null
      for (let tries = 1; tries <= MOST_TRIES; tries++) {
        try {
          if (open === null) {
            await writer.insert(row)
            return null
          }
          const ended = endedAs(endingOf(open), open)
          // Where a stop or a colleague was first since it was read, the end is theirs.
          return await writer.replace(open, ended, row) ? { ...open, ...ended } : null
        } catch (error) {
          if (!PASSING.has(codeOf(error))) throw error
          if (tries > 1) await pause(Math.random() * 5 * tries)
          open = rowOrNull(await log.findUnique({ where: { openKey: row.openKey } }))
        }
      }
      throw new FST_IMPERSONATE_ALREADY_ACTIVE()
    },

    close: writer.end,

    async findOpen ({ impersonator, impersonating, overdue, before, most }) {
      const conditions = [
        { sessionEndedAt: null },
        impersonator === undefined ? {} : { impersonatorId: impersonator },
        impersonating === undefined ? {} : { impersonatingId: impersonating },
        overdue === undefined
          ? {}
          : {
              OR: [
                { expiresAt: { lte: overdue.now } }, { lastSeenAt: { lte: overdue.unseenSince } },
                { sessionStartedAt: { lte: overdue.unusedSince }, lastSeenAt: { equals: field(log.fields, 'sessionStartedAt') } }
              ]
            }
      ]
      return await rowsOf({ impersonator, impersonating }, most, most, async after => {
        const last = after?.id ?? before
        const AND = last === undefined ? conditions : [...conditions, { id: { lt: last } }]
        return (await log.findMany({ where: { AND }, orderBy: { id: 'desc' }, take: most })).map(checked)
      })
    },

    see: writer.see,

    async findUnreported (timeout, now) {
      const where = { AND: [{ sessionEndedAt: { not: null } }, unreported(timeout, now)] }
      const query = { where, take: MOST_UNREPORTED }
      return (await log.findMany({ ...query, orderBy: { sessionEndedAt: 'asc' } })).map(checked)
    },

    claimReport: writer.claimReport,
    noteReported: writer.noteReported,

    async list (query) {
      return await listRows(log, query, checked)
    },

    async following (filter, after, most) {
      return await rowsOf(filter, most, most, async last => await rowsAfter(log, filter, last ?? after, most, checked))
    },

    async impersonators (most) {
      return await impersonators.list(most)
    },

    async add (row) {
      await writer.insert(row)
      impersonators.forget()
    },

    changeReason: writer.changeReason,

    async remove (id) {
      const isGone = await writer.remove(id)
      impersonators.forget()
      return isGone
    }
  }
}

function rowOrNull (row: unknown): LogRow | null {
  return row === null ? null : checked(row)
}

function checked (row: unknown): LogRow {
  if (!isLogRow(row)) throw new TypeError('the log returned something that is no row of ImpersonationLog')
  return row
}
