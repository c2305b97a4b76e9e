import { randomBytes } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { field } from '../../is.js'

/** What is used of a transaction. */
interface Trial {
  impersonationLog: { create (args: object): PromiseLike<unknown> }
}

/** Thrown to roll back. With what the second row met, null where it was taken. */
class RolledBack extends Error {
  readonly conflict: unknown
  constructor (conflict: unknown) {
    super('rolled back')
    this.conflict = conflict
  }
}

/** In the words of Prisma and of each database, as not every adapter gives Prisma the name of the column. */
const MISSING = /Argument `(\w+)` is missing|null value in column "(\w+)"|NOT NULL constraint failed: \w+\.(\w+)|Field '(\w+)' doesn't have a default value/
const TOO_LONG = /Data too long for column '(\w+)'|too long for (?:type|the column's type)/

/**
 * Writes two rows of one sign-in, their texts as long as the plugin's, and rolls them back. Resolves to what of the
 * table does not fit; null where it does, or where that cannot be told this way: the database does not answer, or there
 * are foreign keys.
 */
export async function misfitOf (client: object): Promise<string | null> {
  const openKey = key()
  try {
    await Object(client).$transaction(async ({ impersonationLog: log }: Trial) => {
      await log.create({ data: longestRow(openKey) })
      throw new RolledBack(await log.create({ data: longestRow(openKey) }).then(() => null, (error: unknown) => error))
    })
    return null
  } catch (error) {
    if (error instanceof RolledBack) return error.conflict === null ? 'it takes two open rows of one sign-in, as openKey has no unique index' : null
    const cause = field(field(field(error, 'meta'), 'driverAdapterError'), 'cause')
    return explain(`${String(field(cause, 'originalMessage'))} ${String(field(error, 'message'))}`)
  }
}

function explain (message: string): string | null {
  const missing = MISSING.exec(message)
  if (missing !== null) return `it wants a value for ${nameIn(missing)}, which the plugin does not know: give that column a default, or make it optional`
  const long = TOO_LONG.exec(message)
  return long === null ? null : `${nameIn(long)} is too short for what the plugin writes`
}

function nameIn (found: RegExpExecArray): string {
  return found.slice(1).find(name => name !== undefined) ?? 'one of its texts'
}

/** Ids of people are as an application's are: those here are UUIDs. */
function longestRow (openKey: string) {
  const [now, person] = [new Date(), uuid()]
  return {
    id: uuid(),
    sessionKey: key(),
    openKey,
    impersonatorId: person,
    impersonatorName: 'x'.repeat(191),
    impersonatorDetail: 'x'.repeat(191),
    impersonatingId: person,
    impersonatingName: 'x'.repeat(191),
    impersonatingDetail: 'x'.repeat(191),
    reason: 'x'.repeat(1000),
    readOnly: true,
    ipAddress: 'x'.repeat(64),
    userAgent: 'x'.repeat(512),
    returnTo: 'x'.repeat(2000),
    sessionStartedAt: now,
    expiresAt: now,
    lastSeenAt: now,
    sessionEndedAt: now,
    endReason: 'impersonator_inactive',
    endedById: person,
    endedByName: 'x'.repeat(191),
    reportedAt: now,
    writeUntil: now,
    permitId: uuid()
  }
}

function key (): string {
  return randomBytes(32).toString('base64url')
}
