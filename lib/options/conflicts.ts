import * as is from './checks.js'
import type { ImpersonateOptions } from './table.js'

/** Options that exclude each other. */
export function refuseConflicts ({ prisma, databaseUrl, disableLogging, idleTimeout }: ImpersonateOptions): void {
  if (prisma !== undefined && databaseUrl !== undefined) {
    is.conflict('The options "prisma" and "databaseUrl" exclude each other: the log is in one database')
  }
  if (disableLogging === true && typeof idleTimeout === 'number') {
    is.conflict('The option "idleTimeout" makes no sense with "disableLogging": without a log nothing is kept of ' +
      'when an impersonation was last used')
  }
  if (disableLogging === true && (prisma ?? databaseUrl) !== undefined) {
    const option = prisma === undefined ? 'databaseUrl' : 'prisma'
    is.conflict(`The option "${option}" makes no sense with "disableLogging", ` +
      'which keeps no log; give "users" where prisma was meant for them')
  }
}
