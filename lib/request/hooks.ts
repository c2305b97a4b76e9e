import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { FST_IMPERSONATE_READ_ONLY, FST_IMPERSONATE_ROUTE_DENIED, FST_IMPERSONATE_STALE_PAGE } from '../errors.js'
import { isCrossSite } from '../http/origin.js'
import { recognise, seekTarget, type Recognised } from '../impersonation/recognise.js'
import { isTargetSignedIn } from '../impersonation/target-signed-in.js'
import type { LogRow } from '../log/store.js'
import { decorateRequests } from '../overlay/decorate.js'
import { noteOver, runAsNobody, runAsReal, runAsTarget } from '../overlay/overlay.js'
import { isStaleByHeader } from '../overlay/page-state.js'
import { checkRoutes, rulesOf } from '../policy/route-rules.js'
import { answerEnded } from './ended.js'
import { createFinish } from './finish.js'
import { createRealUserReader, isMaybeUser, isThenable, noUser, unreadable, type MaybeUser } from './real-user.js'
import { createFormCheck } from './stale.js'
import { isStop } from './stop.js'
import { closeRefused, isUpgrade } from './upgrade.js'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

type Running = Extract<Recognised, { is: 'running' }>

/** Decorates requests and decides, before anything else of a request runs, as whom it runs. */
export function addRequestHooks (fastify: FastifyInstance, context: Context): void {
  const { settings, policy, state, isExcluded } = context
  const { trustedOrigins } = settings
  const realUser = createRealUserReader(context)
  const refuseStaleForm = createFormCheck(context)

  decorateRequests(fastify)
  checkRoutes(fastify)
  fastify.addHook('onRequest', recogniseUser)
  fastify.addHook('preValidation', refuseStaleForm)
  // Again, because a body may be made in preValidation, as @fastify/multipart does.
  fastify.addHook('preHandler', refuseStaleForm)
  fastify.addHook('onSend', createFinish(context))

  function recogniseUser (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    if (state.mayBeClaimed(request)) {
      recogniseClaim(request, reply).then(
        isAnswered => { if (!isAnswered) done() },
        error => { refuse(request, reply, error, done) })
      return
    }
    const real = realUser.ask(request)
    if (isThenable(real)) {
      // Stop lets people out also where nobody can say who they are.
      const asked = request.routeOptions.config.impersonateRoute === 'stop' ? realUser.inTime(real) : real
      asked.then(
        user => { runPlain(request, reply, user, done) },
        error => {
          runAsReal(request, reply, undefined)
          if (!isStop(request)) return refuse(request, reply, unreadable(error), done)
          logUnread(request, error)
          done()
        })
    } else {
      runPlain(request, reply, real, done)
    }
  }

  /** Nothing of ours came with this request. */
  function runPlain (
    request: FastifyRequest, reply: FastifyReply, real: MaybeUser, done: (error?: Error) => void
  ): void {
    if (!isMaybeUser(real)) return refuse(request, reply, noUser(real), done)
    runAsReal(request, reply, real)
    if (real === undefined || !isStaleByHeader(request) || isExcluded(request) || isStop(request)) return done()
    refuse(request, reply, new FST_IMPERSONATE_STALE_PAGE(), done)
  }

  /** Resolves to true where the answer has been sent. */
  async function recogniseClaim (request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const route = request.routeOptions.config.impersonateRoute
    const isOwnRoute = route !== undefined
    // Stop finds its row itself, so that nothing that is down can keep anybody in.
    // What comes from other sites is refused by the routes.
    const isLeftAlone = isExcluded(request) || route === 'stop' || route === 'asset' ||
      (isOwnRoute && isCrossSite(request.method, request.headers, request.host, trustedOrigins))

    const finding = isLeftAlone ? Promise.resolve('nothing' as const) : state.find(request)
    // The target is looked for in the same turn as the signed-in user, so that both are one query.
    const target = finding.then(async row => await seekTarget(context, row))
    target.catch(() => {})
    let real: MaybeUser
    try {
      real = await realUser.inTime(realUser.ask(request, finding))
    } catch (error) {
      runAsReal(request, reply, undefined)
      if (!isStop(request)) throw error
      logUnread(request, error)
      return false
    }
    const claimed = real === undefined ? 'nothing' : await finding
    runAsReal(request, reply, real)
    // A request that cannot tell who is signed in runs as nobody, whatever its page believed.
    if (isLeftAlone || real === undefined) return false
    if (claimed !== 'nothing') {
      const found = await recognise(context, request, real, claimed === 'unknown' ? null : claimed, target)
      if (found.is === 'worthless') state.forget(request, reply)
      if (found.is === 'over') {
        if (isTargetSignedIn(settings, real, found.over.row)) runAsNobody(request, reply)
        noteOver(request, found.over)
        if (isOwnRoute) return false
        closeRefused(request, reply)
        return await answerEnded(context, request, reply, found.over)
      }
      if (found.is === 'running') await run(request, reply, found, isOwnRoute)
    }
    if (isStaleByHeader(request)) throw new FST_IMPERSONATE_STALE_PAGE()
    return false
  }

  /** The impersonation holds: the request runs as the target, as far as its route and `readOnly` let it. */
  async function run (
    request: FastifyRequest, reply: FastifyReply, { row, real, target }: Running, isOwnRoute: boolean
  ): Promise<void> {
    const { mode, keepAlive } = rulesOf(request)
    const readOnly = await policy.isReadOnly(request)
    runAsTarget(request, reply, settings.idOf, { row, real, target, readOnly })
    nameInLog(request, reply, row)
    await state.see(row, keepAlive)
    if (mode === 'deny') throw new FST_IMPERSONATE_ROUTE_DENIED()
    if (readOnly && mode !== 'allow' && !isOwnRoute && (!SAFE_METHODS.has(request.method) || isUpgrade(request))) {
      reply.header('allow', 'GET, HEAD, OPTIONS')
      throw new FST_IMPERSONATE_READ_ONLY()
    }
  }
}

/** Whoever reads the log sees who was really at work: in the handler's lines, in errors and in `request completed`. */
function nameInLog (request: FastifyRequest, reply: FastifyReply, row: LogRow): void {
  const { id, impersonatorId, impersonatingId } = row
  const log = request.log.child({ userId: impersonatingId, impersonatorId, impersonationId: id })
  request.log = log
  reply.log = log
}

function refuse (request: FastifyRequest, reply: FastifyReply, error: Error, done: (error: Error) => void): void {
  closeRefused(request, reply)
  done(error)
}

function logUnread (request: FastifyRequest, err: unknown): void {
  request.log.error({ err }, 'fastify-impersonate: the signed-in user could not be read; stopping all the same')
}
