import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createApi } from './lib/api.js'
import { createContext } from './lib/assemble.js'
import { addBanner } from './lib/banner/hooks.js'
import { FST_IMPERSONATE_MISSING_COOKIE, FST_IMPERSONATE_MISSING_SESSION } from './lib/errors.js'
import { routerRules } from './lib/http/paths.js'
import { readOptions } from './lib/options/read.js'
import type { ImpersonateOptions } from './lib/options/table.js'
import { warnOfExcludedRedirect } from './lib/policy/exclusions.js'
import { addRequestHooks } from './lib/request/hooks.js'
import { addRoutes } from './lib/routes/index.js'
import type { Settings } from './lib/settings.js'
import { claim } from './lib/state/registrations.js'

/**
 * Impersonation for Fastify: support people see the application as a given user does, stay who they are, and leave a
 * record.
 *
 * @example
 * await app.register(cookie)
 * await app.register(session, { secret, cookie: { secure: 'auto', sameSite: 'lax' }, saveUninitialized: false })
 * await app.register(impersonate, { prisma, users: prismaUsers(prisma.user) })
 * @throws FST_IMPERSONATE_INVALID_OPTION, …MISSING_COOKIE, …MISSING_SESSION, …MISSING_PACKAGE, …DATABASE
 */
async function impersonate (fastify: FastifyInstance, options: ImpersonateOptions): Promise<void> {
  const settings = readOptions(options, fastify.prefix, fastify.hasRequestDecorator('session'))
  checkNeighbours(fastify, settings)
  const bases = claim(fastify.server, settings)
  warnOfExcludedRedirect(settings, routerRules(fastify), fastify.log)
  const context = await createContext(fastify, settings, bases)

  fastify.decorate('impersonate', createApi(context))
  addRequestHooks(fastify, context)
  addBanner(fastify, settings, context.banner)
  await fastify.register(async function impersonateRoutes (scope) {
    await context.views.register(scope)
    await addRoutes(scope, context)
  }, { prefix: settings.prefix, ...inherited(options) })
}

/** What has to be there before: the state is in a cookie, and the default sign-in in a session. */
function checkNeighbours (fastify: FastifyInstance, { getRealUser, disableLogging }: Settings): void {
  if (!fastify.hasReplyDecorator('setCookie')) throw new FST_IMPERSONATE_MISSING_COOKIE()
  if (fastify.hasRequestDecorator('session')) return
  if (disableLogging) throw new FST_IMPERSONATE_MISSING_SESSION('because "disableLogging" keeps its state there')
  if (getRealUser === undefined) throw new FST_IMPERSONATE_MISSING_SESSION('or give the option "getRealUser" to say who is signed in')
}

/** Fastify's own options of `register`, which a plugin without a scope of its own has to pass on. */
function inherited (options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name === 'logLevel' || name === 'logSerializers'))
}

export default fp(impersonate, { fastify: '5.x', name: 'fastify-impersonate' })
export type { ImpersonateOptions } from './lib/options/table.js'
export * as errors from './lib/errors.js'
export { memoryUsers, type UserPredicate } from './lib/users/memory.js'
export { prismaUsers, type PrismaUsersOptions, type UserOf, type WhereOf } from './lib/users/prisma/source.js'
export type * from './lib/types/index.js'
