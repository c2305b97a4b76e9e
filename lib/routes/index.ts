import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { FST_IMPERSONATE_METHOD_NOT_ALLOWED } from '../errors.js'
import { routerRules } from '../http/paths.js'
import { RESERVED, urlOf } from '../http/urls.js'
import type { LogStore } from '../log/store.js'
import { readAsset } from '../views/assets.js'
import { answerFailure } from './failure.js'
import { startByGet, startByPost } from './impersonation/start.js'
import { showStatus } from './impersonation/status.js'
import { stopByGet, stopByPost } from './impersonation/stop.js'
import { CSV, downloadLog, JSON_LINES } from './log/download.js'
import { createLogPages } from './log/log.js'
import { addPage, type PageRoute } from './page/add.js'
import { addInput, addTolerantInput } from './page/input.js'
import { createSchemas } from './page/schemas.js'
import { createSessionPages } from './sessions.js'
import { listUsers, searchUsers } from './users/list.js'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** All routes of the plugin, in a scope of their own below the prefix. */
export async function addRoutes (scope: FastifyInstance, context: Context): Promise<void> {
  const { settings, log } = context
  const schemas = createSchemas(settings)
  const { ignoreTrailingSlash } = routerRules(scope)
  const add = (route: PageRoute, into = scope) => { addPage(into, context, ignoreTrailingSlash, route) }
  const bind = (handler: (context: Context, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>) =>
    async (request: FastifyRequest, reply: FastifyReply) => await handler(context, request, reply)

  await addInput(scope)
  scope.addHook('onSend', protectPage)
  scope.setErrorHandler(async function answerPluginFailure (error: unknown, request, reply) {
    return await answerFailure(context, error, request, reply)
  })

  add({ name: 'list', method: 'GET', path: '/', audience: 'impersonators', schema: schemas.hidden, handler: async (request, reply) => reply.redirect(urlOf(settings, 'search', null)) })
  add({ name: 'list', method: 'GET', path: '/list', audience: 'impersonators', schema: schemas.list, handler: bind(listUsers) })
  add({ name: 'search', method: 'GET', path: '/search', audience: 'impersonators', schema: schemas.search, handler: bind(searchUsers) })
  add({ name: 'status', method: 'GET', path: '/status', audience: 'anybody-in-time', schema: schemas.status, handler: bind(showStatus) })
  if (log !== null) {
    addLog(log)
    addSessions(log)
  }

  for (const { path, type, content } of [readAsset('impersonate.css'), readAsset('impersonate.js'), readAsset('banner.css'), readAsset('banner.js')]) {
    scope.get(path, { schema: schemas.hidden, config: { impersonateRoute: 'asset' } }, async function sendAsset (request, reply) {
      return reply.header('cache-control', 'public, max-age=31536000, immutable').type(type).send(content)
    })
  }

  // Whatever it is sent, also what no parser takes.
  await scope.register(async function stopRoutes (tolerant) {
    addTolerantInput(tolerant)
    add({ name: 'stop', method: 'GET', path: '/stop', audience: 'anybody', schema: schemas.stopByGet, handler: bind(stopByGet) }, tolerant)
    add({ name: 'stop', method: 'POST', path: '/stop', audience: 'anybody', schema: schemas.stop, handler: bind(stopByPost) }, tolerant)
  })

  refuseReserved()
  add({ name: 'start', method: 'POST', path: '/-/start', audience: 'impersonators', schema: schemas.startById, handler: bind(startByPost) })
  add({ name: 'start', method: 'GET', path: '/:userId', audience: 'impersonators', schema: schemas.startByGet, handler: bind(startByGet) })
  add({ name: 'start', method: 'POST', path: '/:userId', audience: 'impersonators', schema: schemas.start, handler: bind(startByPost) })

  function addLog (log: LogStore): void {
    const pages = createLogPages(context, log)
    const { adminAddPermission, adminReadOnly, adminDeletePermission } = settings
    const mayAdd = { option: 'adminAddPermission', allows: adminAddPermission }
    const mayEdit = { option: 'adminReadOnly', allows: !adminReadOnly }
    const mayDelete = { option: 'adminDeletePermission', allows: adminDeletePermission }
    const audience = 'administrators'
    add({ name: 'log', method: 'GET', path: '/log', audience, schema: schemas.log, handler: pages.list })
    for (const format of [CSV, JSON_LINES]) {
      add({
        name: 'log-download',
        method: 'GET',
        path: `/-/log.${format.ending}`,
        audience,
        schema: schemas.logDownload,
        handler: async (request, reply) => await downloadLog(context, log, format, request, reply)
      })
    }
    add({ name: 'log-entry', method: 'GET', path: '/log/:id', audience, schema: schemas.logEntry, handler: pages.show })
    add({ name: 'log-add', method: 'POST', path: '/log', audience, allowedBy: mayAdd, schema: schemas.logAdd, handler: pages.add })
    add({ name: 'log-edit', method: 'PATCH', path: '/log/:id', audience, allowedBy: mayEdit, schema: schemas.logEdit, handler: pages.edit })
    // A form can do no PATCH and no DELETE.
    add({ name: 'log-edit', method: 'POST', path: '/log/:id', audience, allowedBy: mayEdit, schema: schemas.logEdit, handler: pages.edit })
    add({ name: 'log-delete', method: 'DELETE', path: '/log/:id', audience, allowedBy: mayDelete, schema: schemas.logDelete, handler: pages.remove })
    add({ name: 'log-delete', method: 'POST', path: '/log/:id/delete', audience, allowedBy: mayDelete, schema: schemas.logDelete, handler: pages.remove })
  }

  function addSessions (log: LogStore): void {
    const pages = createSessionPages(context, log)
    const audience = 'administrators'
    add({ name: 'sessions', method: 'GET', path: '/sessions', audience, schema: schemas.sessions, handler: pages.list })
    add({ name: 'sessions-end', method: 'POST', path: '/sessions/end', audience, schema: schemas.sessionsEnd, handler: pages.endMany })
    add({ name: 'sessions-end', method: 'DELETE', path: '/sessions/:id', audience, schema: schemas.sessionEnd, handler: pages.end })
    add({ name: 'sessions-end', method: 'POST', path: '/sessions/:id/end', audience, schema: schemas.sessionEnd, handler: pages.end })
  }

  /** By path a page's name is never a user's id: what the page does not take is refused, what is not there is not found. */
  function refuseReserved (): void {
    const served = new Map<string, readonly string[]>([['stop', ['GET', 'POST']], ['list', ['GET']], ['search', ['GET']], ['status', ['GET']]])
    if (log !== null) served.set('log', ['GET', 'POST']).set('sessions', ['GET'])
    for (const name of RESERVED) {
      const allowed = served.get(name) ?? []
      add({
        name: 'reserved',
        method: METHODS.filter(method => !allowed.includes(method)),
        path: `/${name}`,
        audience: 'anybody',
        schema: schemas.hidden,
        handler: async (request, reply) => {
          if (allowed.length === 0) return reply.callNotFound()
          reply.header('allow', allowed.join(', '))
          throw new FST_IMPERSONATE_METHOD_NOT_ALLOWED()
        }
      })
    }
  }

  /** Law 13. In onSend, because what fails before our own hooks is a page too; a policy that the application has set holds as well. */
  function protectPage (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: () => void): void {
    if (request.routeOptions.config.impersonateRoute !== 'asset') {
      const policy = reply.getHeader('content-security-policy')
      reply.header('content-security-policy', policy === undefined ? "frame-ancestors 'none'" : `${String(policy)}, frame-ancestors 'none'`)
      reply.header('x-frame-options', 'DENY').header('referrer-policy', 'same-origin').header('x-content-type-options', 'nosniff')
      if (!String(reply.getHeader('cache-control')).includes('no-store')) reply.header('cache-control', 'no-store')
    }
    done()
  }
}
