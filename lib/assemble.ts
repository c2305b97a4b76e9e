import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createBanner } from './banner/banner.js'
import type { Context } from './context.js'
import { routerRules } from './http/paths.js'
import type { EmbeddedDatabase } from './log/database/embedded.js'
import { checkMigrated } from './log/database/own-client.js'
import { prismaLog } from './log/prisma/log.js'
import { timed } from './log/timed.js'
import { exclusionsOf } from './policy/exclusions.js'
import { createPolicy } from './policy/policy.js'
import type { Settings } from './settings.js'
import { createKeyCookie } from './state/cookie.js'
import { createAuditHooks } from './state/events.js'
import { createLogState } from './state/log-state.js'
import { createUnderWay } from './state/under-way.js'
import { createWebSessionState, FIELD } from './state/web-session-state.js'
import { createUsers } from './users/load.js'
import { createViews } from './views/views.js'

/** Opens what the options name; what it opens is closed with the application. */
export async function createContext (
  fastify: FastifyInstance, settings: Settings, bases: readonly string[]
): Promise<Context> {
  const logger = fastify.log
  const users = createUsers(settings, logger)
  const policy = createPolicy(settings)
  const hooks = createAuditHooks(settings, users, logger)
  const destinations = { bases, trustedOrigins: settings.trustedOrigins }
  const pages = { views: createViews(settings), banner: createBanner(settings), destinations }
  const isExcluded = exclusionsOf(settings, routerRules(fastify))
  const parts = { settings, policy, users, hooks, logger, isExcluded, ...pages }

  if (settings.disableLogging) {
    logger.warn('fastify-impersonate: "disableLogging" is on, so impersonations leave no record and an old session can bring one back')
    const sessions = createUnderWay(FIELD)
    fastify.addHook('onRequest', sessions.enter)
    fastify.addHook('onResponse', sessions.leave)
    return { ...parts, state: createWebSessionState(settings, hooks, users, sessions), log: null }
  }
  const database = await openDatabase(settings, logger)
  const log = prismaLog(database.client, { patience: settings.timeout, isInProcess: database.isInProcess })
  const state = createLogState(settings, log, createKeyCookie(settings.cookie), hooks, logger)
  fastify.addHook('onReady', state.start)
  fastify.addHook('onClose', async function closeImpersonate () {
    await state.stop()
    await database.close()
  })
  return { ...parts, state, log: timed(log, settings.timeout) }
}

/** The application's own client or, loaded only then, the embedded database. */
async function openDatabase ({ prisma, databaseUrl, timeout }: Settings, logger: FastifyBaseLogger): Promise<Pick<EmbeddedDatabase, 'client' | 'isInProcess' | 'close'>> {
  if (prisma !== undefined) {
    await checkMigrated(prisma, timeout)
    return { client: prisma, isInProcess: false, close: async () => {} }
  }
  if (process.env['NODE_ENV'] === 'production' && databaseUrl.startsWith('file:')) {
    logger.warn(`fastify-impersonate: the log is in the file ${databaseUrl.slice('file:'.length)}; where that goes, the record goes. Set "databaseUrl" or "prisma" for a database that stays`)
  }
  const { openEmbedded } = await import('./log/database/embedded.js')
  return await openEmbedded(databaseUrl)
}
