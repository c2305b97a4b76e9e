import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { FST_IMPERSONATE_INVALID_OPTION } from '../errors.js'
import { isObject } from '../is.js'
import type { RouteMode } from '../types/index.js'

/** How a route behaves while impersonating. */
export interface RouteRules {
  mode: RouteMode | null
  /** Whether a request counts as activity. */
  keepAlive: boolean
}

const NO_RULES: RouteRules = { mode: null, keepAlive: true }
const MODES: readonly unknown[] = ['deny', 'real-user', 'allow'] satisfies RouteMode[]

/** Reads a route's `config.impersonation`; null where that cannot be read. */
function readRules (config: object | undefined): RouteRules | null {
  const given: unknown = Reflect.get(config ?? {}, 'impersonation')
  if (given === undefined) return NO_RULES
  if (isMode(given)) return { mode: given, keepAlive: true }
  if (!isObject(given)) return null
  const { mode, keepAlive = true, ...others }: { mode?: unknown, keepAlive?: unknown } = given
  if ((mode !== undefined && !isMode(mode)) || typeof keepAlive !== 'boolean' || Object.keys(others).length > 0) return null
  return { mode: mode ?? null, keepAlive }
}

/** How the route of this request behaves. One that cannot be read is denied. */
export function rulesOf ({ method, routeOptions: { url, config }, log }: FastifyRequest): RouteRules {
  const rules = readRules(config)
  if (rules !== null) return rules
  log.error(`fastify-impersonate: denied, because ${wrongRules(method, url)}`)
  return { mode: 'deny', keepAlive: true }
}

/**
 * Checks the routes at start-up. Those that are declared before the plugin are not seen here: they are denied while
 * impersonating where they are wrong.
 *
 * @throws FST_IMPERSONATE_INVALID_OPTION naming the route, in onReady
 */
export function checkRoutes (fastify: FastifyInstance): void {
  const routes: RouteOptions[] = []
  fastify.addHook('onRoute', function noteRoute (route) {
    routes.push(route)
  })
  // Not in onRoute, because hooks that come later may still change a route's config.
  fastify.addHook('onReady', function checkRouteRules (done) {
    const wrong = routes.splice(0).find(({ config }) => readRules(config) === null)
    done(wrong === undefined ? undefined : new FST_IMPERSONATE_INVALID_OPTION(wrongRules(wrong.method, wrong.url)))
  })
}

function isMode (value: unknown): value is RouteMode {
  return MODES.includes(value)
}

function wrongRules (method: string | string[], url: string | undefined): string {
  return `"config.impersonation" of the route ${String(method)} ${url} takes 'deny', 'real-user', 'allow' or { mode, keepAlive } with one of them and true or false`
}
