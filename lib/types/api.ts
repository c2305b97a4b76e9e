import type { AnyReply, AnyRequest } from './any-server.js'
import type { SessionHook } from './hooks.js'
import type { Started, Stopped } from './impersonation.js'
import type { LiveSessions } from './live-sessions.js'
import type { User } from './user.js'

/** Names for {@link ImpersonateApi.url}. */
export type UrlName = 'start' | 'stop' | 'list' | 'search' | 'log' | 'sessions' | 'status'

/** `fastify.impersonate`. */
export interface ImpersonateApi {
  /** The address of one of the plugin's routes; `start` takes `{ userId }`. */
  url (name: UrlName, params?: { userId?: string | number | bigint }): string
  /** Whether the real user of this request may start an impersonation now; false while impersonating. */
  isAllowed (request: AnyRequest): Promise<boolean>
  /** The same, and for this user. */
  isAllowedFor (request: AnyRequest, user: User): Promise<boolean>
  /**
   * Starts an impersonation from a route of your own: checks, records, runs the begin hooks and sets the cookie. It
   * takes effect with the next request. The reply is yours to send.
   *
   * @throws FST_IMPERSONATE_NOT_AUTHENTICATED, …FORBIDDEN, …ALREADY_ACTIVE, …REASON_REQUIRED, …TARGET_NOT_FOUND,
   * …UNAVAILABLE, …ABORTED
   */
  start (
    request: AnyRequest, reply: AnyReply, userId: string | number | bigint, details?: StartDetails
  ): Promise<Started>
  /** Stops this request's impersonation, if there is one; never throws. The reply is yours to send. */
  stop (request: AnyRequest, reply: AnyReply): Promise<Stopped>
  /**
   * A small POST form for your own user tables, as HTML; empty for a user that this request's real user may not
   * impersonate.
   */
  link (request: AnyRequest, user: User, options?: LinkOptions): Promise<string>
  /**
   * The banner for a layout of your own: HTML, and empty where this request does not impersonate. It is for where the
   * option `banner` is false, and looks as that option says otherwise.
   */
  banner (request: AnyRequest): string
  /**
   * A script tag for your own pages, as HTML. When a page comes back from the browser's cache, it asks the status
   * route, and loads the page again if it was made for somebody else.
   *
   * @param request tells as whom the page is made; without it that is what the first answer says, which a page out of
   * the HTTP cache or of a service worker may get wrong
   */
  script (request?: AnyRequest, options?: { nonce?: string }): string
  /**
   * Whether a form's field `_impersonation` says another state than this request's, so that the form is not to be run.
   * It is for multipart forms that you read as a stream: bodies and the header `x-impersonation` are compared for you.
   *
   * @param value the field's value, or the part that has it; undefined, for a form without the field, is never stale
   */
  isStale (request: AnyRequest, value: unknown): boolean
  /** One more audit hook, run after those that came before. */
  addHook (name: 'onSessionBegin' | 'onSessionEnd', hook: SessionHook): void
  /** The impersonations that are running now, in all processes. */
  readonly sessions: LiveSessions
  /**
   * Closes every row that is past a deadline, in whatever process it was started; resolves to how many this call
   * closed. It runs by itself at start-up, once a minute, and before the log's pages: call it where no process of yours
   * keeps running.
   *
   * @throws FST_IMPERSONATE_UNAVAILABLE
   */
  sweep (): Promise<number>
}

/** Details of {@link ImpersonateApi.start}. */
export interface StartDetails {
  /** Why: kept in the log. Needed with `requireReason`. */
  reason?: string | null
}

/** Options of {@link ImpersonateApi.link}. */
export interface LinkOptions {
  /** @default false */
  openNewWindow?: boolean
  /** A path of this application to go to after the start. @default redirectUrl */
  next?: string
  /** @default 'Impersonate' */
  text?: string
}
