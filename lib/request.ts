import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from './context.js'
import { answerEnded } from './ended.js'
import { FST_IMPERSONATE_READ_ONLY, FST_IMPERSONATE_UNAVAILABLE } from './errors.js'
import { isCrossSite } from './origin.js'
import { asRealUser, decorateRequests, keepPrivate, noteOver, runAsReal, runAsTarget } from './overlay.js'
import { pathMatcher, routedPath, type RouterRules } from './paths.js'
import { recognise } from './recognise.js'
import { webSession } from './session.js'
import type { User } from './types.js'
import { within } from './within.js'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

type MaybeUser = User | null | undefined

/** Decorates requests and decides, before anything else of a request runs, as whom it runs. */
export function addRequestHooks (fastify: FastifyInstance, context: Context): void {
  const { settings, state } = context
  const { timeout, trustedOrigins } = settings
  const getRealUser = settings.getRealUser ?? signedInUser(context)
  const rules = routerRules(fastify)
  const isExcludedPath = pathMatcher(settings.uriExclusions, rules)

  decorateRequests(fastify)
  fastify.addHook('onRequest', recogniseUser)
  fastify.addHook('onSend', function keepImpersonatedAnswersPrivate (request, reply, payload, done) {
    keepPrivate(request, reply)
    done()
  })

  function recogniseUser (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    let real
    try {
      real = getRealUser(request)
    } catch (error) {
      real = Promise.reject(error)
    }
    if (state.mayBeClaimed(request)) {
      recogniseClaim(request, reply, real).then(isAnswered => { if (!isAnswered) done() }, done)
    } else if (isThenable(real)) {
      real.then(
        user => { runAsReal(request, reply, user); done() },
        error => { runAsReal(request, reply, undefined); done(isStop(request, error) ? undefined : unavailable(error)) })
    } else {
      runAsReal(request, reply, real)
      done()
    }
  }

  /** Resolves to true where the answer has been sent. */
  async function recogniseClaim (request: FastifyRequest, reply: FastifyReply, asked: MaybeUser | PromiseLike<MaybeUser>): Promise<boolean> {
    const { url, config: { impersonateRoute: route } } = request.routeOptions
    const isOwnRoute = route !== undefined
    const isExcluded = !isOwnRoute && (isExcludedPath(routedPath(request.url, rules)) || (url !== undefined && isExcludedPath(url.replace(/^\/+/, ''))))
    // Stop finds its row itself, so that nothing that is down can keep anybody in; other sites are refused by the routes.
    const isLeftAlone = isExcluded || route === 'stop' || route === 'asset' ||
      (isOwnRoute && isCrossSite(request.method, request.headers, request.host, trustedOrigins))

    const finding = isLeftAlone ? Promise.resolve('nothing' as const) : state.find(request)
    finding.catch(() => {})
    let real: MaybeUser
    try {
      real = await within(timeout, 'the signed-in user could not be read', async () => await asked)
    } catch (error) {
      runAsReal(request, reply, undefined)
      if (isStop(request, error)) return false
      throw error
    }
    const claimed = real === undefined ? 'nothing' : await finding
    runAsReal(request, reply, real)
    if (claimed === 'nothing' || real === undefined) return false

    const found = await recognise(context, request, real, claimed === 'unknown' ? null : claimed)
    if (found.is === 'worthless') {
      state.forget(request, reply)
      return false
    }
    if (found.is === 'over') {
      noteOver(request, found.over)
      return isOwnRoute ? false : await answerEnded(context, request, reply, found.over)
    }
    const readOnly = await within(timeout, '"readOnly" did not answer', async () => await settings.readOnly(asRealUser(request)) !== false)
    runAsTarget(request, reply, found.row, found.real, found.target, readOnly)
    state.see(found.row)
    if (readOnly && !isOwnRoute && (!SAFE_METHODS.has(request.method) || isUpgrade(request))) {
      reply.header('allow', 'GET, HEAD, OPTIONS')
      throw new FST_IMPERSONATE_READ_ONLY()
    }
    return false
  }

  /** Stop lets people out also where nobody can say who they are. */
  function isStop (request: FastifyRequest, err: unknown): boolean {
    const isStop = request.routeOptions.config.impersonateRoute === 'stop'
    if (isStop) request.log.error({ err }, 'fastify-impersonate: the signed-in user could not be read; stopping all the same')
    return isStop
  }
}

/** The default `getRealUser`: the user whose id is in the web session. */
function signedInUser ({ users }: Context) {
  return (request: FastifyRequest): MaybeUser | Promise<MaybeUser> => {
    const session = webSession(request)
    if (session === undefined) return undefined
    const id = session.get('userId')
    return id === undefined || id === null ? null : users.find(String(id))
  }
}

/** Also Prisma's promises, which are none of Promise's. */
function isThenable (value: MaybeUser | PromiseLike<MaybeUser>): value is PromiseLike<MaybeUser> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

function unavailable (cause: unknown): Error {
  return cause instanceof FST_IMPERSONATE_UNAVAILABLE ? cause : new FST_IMPERSONATE_UNAVAILABLE('the signed-in user could not be read', { cause })
}

function isUpgrade ({ headers }: FastifyRequest): boolean {
  return /\bwebsocket\b/i.test(headers.upgrade ?? '')
}

/** The router's options, which are in two places, depending on how the application set them. */
export function routerRules ({ initialConfig }: FastifyInstance): RouterRules & { ignoreTrailingSlash: boolean } {
  const rules = { ...initialConfig, ...initialConfig.routerOptions }
  return {
    caseSensitive: rules.caseSensitive !== false,
    ignoreDuplicateSlashes: rules.ignoreDuplicateSlashes === true,
    useSemicolonDelimiter: rules.useSemicolonDelimiter === true,
    ignoreTrailingSlash: rules.ignoreTrailingSlash === true
  }
}
