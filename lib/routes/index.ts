import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.js'
import { addAssets } from './assets.js'
import { answerFailure } from './failure.js'
import { startRoutes } from './impersonation/start.js'
import { statusRoute } from './impersonation/status.js'
import { stopRoutes } from './impersonation/stop.js'
import { addEntryRoute } from './log/add.js'
import { downloadRoutes } from './log/download.js'
import { entryRoutes } from './log/entry.js'
import { logRoute } from './log/list.js'
import { addPage } from './page/add.js'
import { addInput, addTolerantInput } from './page/input.js'
import { protectPage } from './page/protect.js'
import type { LogContext, Route } from './page/route.js'
import { reservedRoutes } from './reserved.js'
import { sessionsRoutes } from './sessions.js'
import { usersRoutes } from './users/list.js'

/** There only where there is a log. */
const logRoutes: Array<Route<LogContext>> = [
  logRoute, ...downloadRoutes, ...entryRoutes, addEntryRoute, ...sessionsRoutes
]

/** All routes of the plugin, in a scope of their own below the prefix. */
export async function addRoutes (scope: FastifyInstance, context: Context): Promise<void> {
  const served: Array<Pick<Route, 'method' | 'path'>> = [...usersRoutes, statusRoute, ...stopRoutes]

  await addInput(scope)
  scope.addHook('onSend', protectPage)
  scope.setErrorHandler(async function answerPluginFailure (error: unknown, request, reply) {
    return await answerFailure(context, error, request, reply)
  })

  for (const route of [...usersRoutes, statusRoute]) addPage(scope, context, route)
  if (context.log !== null) {
    const withLog = { ...context, log: context.log }
    for (const route of logRoutes) addPage(scope, withLog, route)
    served.push(...logRoutes)
  }
  addAssets(scope)
  // Whatever it is sent, also what no parser takes.
  await scope.register(async function addStopRoutes (tolerant) {
    addTolerantInput(tolerant)
    for (const route of stopRoutes) addPage(tolerant, context, route)
  })
  for (const route of [...reservedRoutes(served), ...startRoutes]) addPage(scope, context, route)
}
