import { Failure } from './terminal.js'

const NO_TABLE = 'This database has no log yet: fastify-impersonate migrate makes it in a database of the plugin\'s own, prisma migrate deploy in your application\'s'
const OLD_TABLE = 'The log in this database is of another version: run fastify-impersonate migrate, or fastify-impersonate schema and prisma migrate in your application'

/** What went wrong, in a sentence for people. */
export function explain (error: unknown): string {
  if (error instanceof Failure) return error.message
  const code = String(Reflect.get(Object(error), 'code'))
  const message = error instanceof Error ? error.message : String(error)
  if (code.startsWith('FST_IMPERSONATE_')) return message
  if (code === 'P2021' || message.includes('no such table')) return NO_TABLE
  if (code === 'P2022' || message.includes('no such column')) return OLD_TABLE
  // Prisma's messages begin with the call and say last what happened.
  return `The log did not answer: ${message.trim().split('\n').at(-1)}`
}
