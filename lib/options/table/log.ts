import { field, hasMethods, isObject } from '../../is.js'
import type { PrismaWithLog, SessionHook } from '../../types/index.js'
import * as is from '../checks.js'
import { option } from '../option.js'

const LOG_METHODS = ['findUnique', 'findMany', 'create', 'updateMany', 'deleteMany', 'count']

/** The record: where it is, what may be changed in it, and who else is told. */
export const log = {
  /** Your PrismaClient, which has `impersonationLog`. @default the embedded database */
  prisma: option<PrismaWithLog>(checkPrisma),
  /**
   * The log's database where `prisma` is not given: `file:` or `postgresql:`.
   * @default 'file:./impersonate.db'
   */
  databaseUrl: option<string>(is.databaseAddress, 'file:./impersonate.db'),
  /**
   * No record is kept, and what SECURITY.md says of the record does not hold. The web session has ids and times in its
   * field `fastify-impersonate`; the reason is known to the begin hooks alone.
   * @default false
   * @django DISABLE_LOGGING: then the state is in the web session, and there are no log pages
   */
  disableLogging: option<boolean>(is.aBoolean, false),
  /**
   * How many impersonators the log's filter offers: 1 to 10,000. With `10`, it offers ten names.
   * @default 100
   * @django MAX_FILTER_SIZE
   */
  maxFilterSize: option<number>(is.wholeNumber(1, 10_000), 100),
  /**
   * Log entries may be deleted.
   * @default false
   * @django ADMIN_DELETE_PERMISSION: entries of running impersonations stay
   */
  adminDeletePermission: option<boolean>(is.aBoolean, false),
  /**
   * Closed log entries may be added by hand.
   * @default false
   * @django ADMIN_ADD_PERMISSION
   */
  adminAddPermission: option<boolean>(is.aBoolean, false),
  /**
   * A log entry may not be changed.
   * @default true
   * @django ADMIN_READ_ONLY: `false` opens the reason, and nothing else
   */
  adminReadOnly: option<boolean>(is.aBoolean, true),
  /**
   * Audit hook, called once when an impersonation has been recorded, before it takes effect; throwing stops it.
   * @default none
   */
  onSessionBegin: option<SessionHook>(is.aFunction),
  /** Audit hook, called at least once when an impersonation is over. @default none */
  onSessionEnd: option<SessionHook>(is.aFunction)
}

function checkPrisma (name: string, value: unknown): void {
  if (hasMethods(field(value, 'impersonationLog'), LOG_METHODS) && hasMethods(value, ['$transaction'])) return
  if (!isObject(value)) is.refuse(name, 'a PrismaClient', value)
  is.conflict('The option "prisma" takes a PrismaClient with the ImpersonationLog model, but got one without it: ' +
    'copy node_modules/fastify-impersonate/prisma/impersonation-log.prisma beside your schema, run npx prisma ' +
    'migrate dev, then npx prisma generate')
}
