/** How a route behaves while impersonating, in its `config.impersonation`. */
export type RouteMode =
  /** 403, and the handler is not run. */
  | 'deny'
  /** Runs as the real user: like an excluded path. */
  | 'real-user'
  /** Runs also under `readOnly`. */
  | 'allow'

/**
 * A route's `config.impersonation` with more than a mode. One of both is needed: a type of optional fields takes any
 * text.
 */
export type RouteImpersonation = {
  mode: RouteMode
  /** False: a request does not count as activity, such as a page's polling. @default true */
  keepAlive?: boolean
} | {
  mode?: RouteMode
  keepAlive: boolean
}

/** The name of one of the plugin's routes, in its `config.impersonateRoute`. */
export type RouteName =
  | 'start' | 'stop' | 'list' | 'search' | 'log' | 'log-entry' | 'log-add' | 'log-edit' | 'log-delete' | 'log-download'
  | 'sessions' | 'sessions-end' | 'status' | 'asset' | 'reserved'
