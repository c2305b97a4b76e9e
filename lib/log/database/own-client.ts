import { FST_IMPERSONATE_DATABASE } from '../../errors.js'
import { field, isObject } from '../../is.js'
import { LONGEST_START, within } from '../../within.js'
import { prismaLog } from '../prisma/log.js'
import { misfitOf } from './trial.js'

/** What each version added last to the model, and all that went before it. */
const COLUMNS = [
  'id', 'sessionKey', 'openKey', 'impersonatorId', 'impersonatorName', 'impersonatorDetail', 'impersonatingId', 'impersonatingName',
  'impersonatingDetail', 'reason', 'readOnly', 'ipAddress', 'userAgent', 'returnTo', 'sessionStartedAt', 'expiresAt', 'lastSeenAt',
  'sessionEndedAt', 'endReason', 'endedById', 'endedByName', 'reportedAt', 'writeUntil', 'permitId'
]

/** In words, as not every adapter's error becomes a P2021 or P2022. */
const NOT_MIGRATED = /\b(?:table|column)\b.* does not exist|no such (?:table|column)/
const WHICH_COLUMN = /no such column: (?:\w+\.)*(\w+)|column [`"']?(?:\w+\.)*(\w+)[`"']? does not exist/

/**
 * Whether the application's client and its database have the bundled model. A database that does not answer now may do
 * so later.
 *
 * @throws FST_IMPERSONATE_DATABASE where something is missing
 */
export async function checkMigrated (client: object, timeout: number): Promise<void> {
  checkGenerated(client)
  const error: unknown = await within(Math.min(timeout, LONGEST_START), 'the log did not answer', async () => await prismaLog(client).findOpen({ most: 1 })).then(() => null, error => error.cause)
  if (!NOT_MIGRATED.test(String(error))) {
    await checkFits(client, timeout)
    return
  }
  const [, ...names] = WHICH_COLUMN.exec(String(error)) ?? []
  const column = names.find(name => name !== undefined)
  throw new FST_IMPERSONATE_DATABASE(column === undefined
    ? 'The database of "prisma" lacks the table ImpersonationLog: run npx prisma migrate dev, in production npx prisma migrate deploy'
    : `The database of "prisma" lacks the column ${column} of ImpersonationLog: run npx fastify-impersonate schema, then npx prisma migrate dev, in production npx prisma migrate deploy`, { cause: error })
}

async function checkFits (client: object, timeout: number): Promise<void> {
  const misfit = await within(Math.min(timeout, LONGEST_START), 'the log did not answer', async () => await misfitOf(client)).catch(() => null)
  if (misfit !== null) {
    throw new FST_IMPERSONATE_DATABASE(`The table ImpersonationLog of "prisma" does not fit: ${misfit}. npx fastify-impersonate schema --print shows the model, npx prisma migrate dev makes it so`)
  }
}

/** Prisma's clients tell their fields; what stands in for one may not. */
function checkGenerated (client: object): void {
  const fields = field(field(client, 'impersonationLog'), 'fields')
  if (!isObject(fields)) return
  const missing = COLUMNS.filter(name => field(fields, name) === undefined)
  if (missing.length === 0) return
  throw new FST_IMPERSONATE_DATABASE(`The model ImpersonationLog of "prisma" lacks ${missing.join(', ')}: run npx fastify-impersonate schema, then npx prisma migrate dev and npx prisma generate`)
}
