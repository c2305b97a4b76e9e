import type { ExpressSessionData, FastifyInstance } from 'fastify'
import type { ImpersonateApi } from './api.js'
import type { Impersonation } from './impersonation.js'
import type { RouteImpersonation, RouteMode, RouteName } from './route.js'
import type { Impersonated, User } from './user.js'

/** The plugin's decorations of a request. */
export interface ImpersonateRequest {
  /** The effective user: who this request runs as. */
  user: (User & Impersonated) | null
  /** The real person while impersonating, else null. */
  readonly impersonator: User | null
  /** The real person: `impersonator ?? user`. */
  readonly realUser: User | null
  /** Null unless impersonating, and on excluded paths. */
  readonly impersonation: Impersonation | null
}

/**
 * @fastify/jwt and @fastify/passport declare `request.user` themselves, and two types for one property exclude each
 * other.
 */
type Decorations = 'jwt' extends keyof FastifyInstance
  ? Omit<ImpersonateRequest, 'user'>
  : string extends keyof ExpressSessionData ? Omit<ImpersonateRequest, 'user'> : ImpersonateRequest

declare module 'fastify' {

  /** @fastify/passport gives it an index, which nothing else does: that is how it is known. */
  interface ExpressSessionData {}

  /** @fastify/passport's user knows of the impersonation too. */
  interface PassportUser extends Impersonated {}

  interface FastifyRequest extends Decorations {}
  interface FastifyInstance {
    impersonate: ImpersonateApi
  }
  interface FastifyContextConfig {
    /** Set on the plugin's own routes: their name. */
    impersonateRoute?: RouteName
    /** How this route behaves while impersonating; a wrong value fails at start-up. */
    impersonation?: RouteMode | RouteImpersonation
  }
}
