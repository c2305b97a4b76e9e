import { field, hasMethods } from '../../is.js'
import type { LogReads } from './pages.js'

/** What the log uses of a PrismaClient. */
export interface LogClient {
  impersonationLog: LogReads & LogWrites & {
    findUnique (args: object): PromiseLike<unknown>
    /** What stands for a column where one is compared with another. */
    fields?: unknown
  }
  $transaction (steps: Array<PromiseLike<unknown>>): Promise<unknown[]>
}

/** What writer.ts alone may use. */
export interface LogWrites {
  create (args: object): PromiseLike<unknown>
  updateMany (args: object): PromiseLike<{ count: number }>
  deleteMany (args: object): PromiseLike<{ count: number }>
}

/**
 * The client of the database that is written to, as rows have to be read as they are: @prisma/extension-read-replicas
 * has it as `$primary()`.
 *
 * @throws TypeError where it is none that has the log
 */
export function primaryOf (client: object): LogClient {
  const primary: unknown = hasMethods(client, ['$primary']) ? Object(client).$primary() : client
  if (isLogClient(primary)) return primary
  throw new TypeError('not a PrismaClient with impersonationLog')
}

function isLogClient (client: unknown): client is LogClient {
  return hasMethods(field(client, 'impersonationLog'), ['findUnique']) && hasMethods(client, ['$transaction'])
}

/** Prisma's code of an error; empty where it has none. */
export function codeOf (error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
