import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { createBanner, type Banner } from './banner/banner.js'
import { createAuditHooks, type AuditHooks } from './hooks.js'
import { createLogState } from './log/log-state.js'
import { checkMigrated } from './log/own-client.js'
import { prismaLog } from './log/prisma-log.js'
import type { LogStore } from './log/store.js'
import { createWebSessionState } from './log/web-session.js'
import type { Settings } from './options.js'
import type { State } from './state.js'
import { createUsers, type Users } from './users/load.js'
import { createViews, type Views } from './views.js'

/** What the flows and routes work with; one a registration. */
export interface Context {
  settings: Settings
  users: Users
  state: State
  /** Null with `disableLogging`. */
  log: LogStore | null
  hooks: AuditHooks
  views: Views
  banner: Banner
  logger: FastifyBaseLogger
}

/** Opens what the options name; what it opens is closed with the application. */
export async function createContext (fastify: FastifyInstance, settings: Settings): Promise<Context> {
  const logger = fastify.log
  const users = createUsers(settings, logger)
  const hooks = createAuditHooks(settings, users, logger)
  const parts = { settings, users, hooks, logger, views: createViews(settings), banner: createBanner(settings) }

  if (settings.disableLogging) {
    logger.warn('fastify-impersonate: "disableLogging" is on, so impersonations leave no record and an old session can bring one back')
    return { ...parts, state: createWebSessionState(settings, hooks), log: null }
  }
  const database = await openDatabase(settings, logger)
  const log = prismaLog(database.client)
  const state = createLogState(settings, log, hooks, logger)
  fastify.addHook('onReady', state.start)
  fastify.addHook('onClose', async function closeImpersonate () {
    await state.stop()
    await database.close()
  })
  return { ...parts, state, log }
}

/** The application's own client or, loaded only then, the embedded database. */
async function openDatabase ({ prisma, databaseUrl, timeout }: Settings, logger: FastifyBaseLogger): Promise<{ client: object, close: () => Promise<void> }> {
  if (prisma !== undefined) {
    await checkMigrated(prisma, timeout)
    return { client: prisma, close: async () => {} }
  }
  if (process.env['NODE_ENV'] === 'production' && databaseUrl.startsWith('file:')) {
    logger.warn(`fastify-impersonate: the log is in the file ${databaseUrl.slice('file:'.length)}; where that goes, the record goes. Set "databaseUrl" or "prisma" for a database that stays`)
  }
  const { openEmbedded } = await import('./log/embedded.js')
  return await openEmbedded(databaseUrl)
}
