import { resolve } from 'node:path'
import { FST_IMPERSONATE_ALREADY_REGISTERED } from '../errors.js'
import type { Settings } from '../settings.js'

/** What one registration of the plugin claims for itself in an application. */
interface Claim {
  cookie: string
  /** The same for the same log; null without one. */
  log: unknown
}

/** All registrations in one application. */
interface Registrations {
  claims: Claim[]
  bases: string[]
}

/** By the application's server, which all its scopes share. */
const applications = new WeakMap<object, Registrations>()

/**
 * Notes a registration. Two of one application need two logs and two cookies: with one, what is started by a user of
 * the first would count for whoever has the same id in the second.
 *
 * @returns the whole paths of the pages of all registrations, with and without `publicPrefix`; later ones are added
 * @throws FST_IMPERSONATE_ALREADY_REGISTERED
 */
export function claim (server: object, settings: Settings): readonly string[] {
  const { claims, bases } = applications.get(server) ?? { claims: [], bases: [] }
  const mine = { cookie: settings.cookie.name, log: logOf(settings) }
  for (const { cookie, log } of claims) {
    if (log === null && mine.log === null) throw new FST_IMPERSONATE_ALREADY_REGISTERED('"disableLogging", which keeps its state in the one web session')
    if (log === mine.log) throw new FST_IMPERSONATE_ALREADY_REGISTERED('the same log: give each a "databaseUrl" or "prisma" of its own')
    if (cookie === mine.cookie) throw new FST_IMPERSONATE_ALREADY_REGISTERED('the same cookie: give each a "cookie.name" of its own')
  }
  claims.push(mine)
  bases.push(settings.base, settings.base.slice(settings.publicPrefix.length))
  applications.set(server, { claims, bases })
  return bases
}

/** Two clients of one database cannot be told apart from two of two: the cookie's name has to differ all the same. */
function logOf ({ disableLogging, prisma, databaseUrl }: Settings): unknown {
  if (disableLogging) return null
  if (prisma !== undefined) return prisma
  if (databaseUrl.startsWith('file:')) return `file:${resolve(databaseUrl.slice('file:'.length))}`
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl)
  return `postgresql://${hostname.toLowerCase()}:${port || '5432'}${pathname}?schema=${searchParams.get('schema') ?? 'public'}`
}
