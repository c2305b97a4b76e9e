import { hasMethods } from '../../is.js'
import type { LogReads } from './pages.js'

/** What the log uses of a PrismaClient. */
export interface LogClient {
  impersonationLog: LogReads & LogWrites & { findUnique (args: object): PromiseLike<unknown> }
  $transaction (steps: Array<PromiseLike<unknown>>): Promise<unknown[]>
}

/** What writer.ts alone may use. */
export interface LogWrites {
  create (args: object): PromiseLike<unknown>
  updateMany (args: object): PromiseLike<{ count: number }>
  deleteMany (args: object): PromiseLike<{ count: number }>
}

export function isLogClient (client: object): client is LogClient {
  return hasMethods(Reflect.get(client, 'impersonationLog'), ['findUnique']) && hasMethods(client, ['$transaction'])
}

/** Prisma's code of an error; empty where it has none. */
export function codeOf (error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
