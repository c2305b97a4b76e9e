import { FST_IMPERSONATE_DATABASE } from '../../errors.js'
import { LONGEST_START, within } from '../../within.js'
import { prismaLog } from '../prisma/log.js'

/** In words, as not every adapter's error becomes a P2021 or P2022. */
const NOT_MIGRATED = /\b(table|column)\b.* does not exist|no such (table|column)/

/**
 * Whether the application's own database has the bundled model. One that does not answer now may do so later.
 *
 * @throws FST_IMPERSONATE_DATABASE where it has not been migrated
 */
export async function checkMigrated (client: object, timeout: number): Promise<void> {
  const error: unknown = await within(Math.min(timeout, LONGEST_START), 'the log did not answer', async () => await prismaLog(client).findOpen({ most: 1 })).then(() => null, error => error.cause)
  if (!NOT_MIGRATED.test(String(error))) return
  throw new FST_IMPERSONATE_DATABASE(
    'The database of "prisma" lacks the table ImpersonationLog, or a column of it: run npx prisma migrate dev, in production npx prisma migrate deploy', { cause: error })
}
