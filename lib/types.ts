import type {} from '@fastify/cookie'
import type { ExpressSessionData, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Messages } from './messages.js'

/**
 * Fill this with your application's own user type; unions work.
 *
 * @example
 * declare module 'fastify-impersonate' {
 *   interface Register { user: Customer | Employee }
 * }
 */

export interface Register {}

/** A user as long as {@link Register} says nothing else: the fields that the default options look at. */
export interface DefaultUser {
  id: string | number | bigint
  username?: string | null
  firstName?: string | null
  lastName?: string | null
  email?: string | null
  isSuperuser?: boolean
  isStaff?: boolean
  isActive?: boolean
}

/** The application's user: what {@link Register} says. */
export type User = Register extends { user: infer Registered } ? Registered : DefaultUser

/** What `request.user` carries while impersonating. Both properties are non-enumerable. */
export interface Impersonated {
  readonly isImpersonate?: true
  readonly impersonator?: User
}

/** What a request knows of the impersonation it runs under. */
export interface Impersonation {
  /** The log row's id. */
  readonly id: string
  readonly startedAt: Date
  /** When it ends by itself: `maxDuration` after the start; null is never. */
  readonly expiresAt: Date | null
  readonly readOnly: boolean
  readonly reason: string | null
}

/** Why an impersonation ended. */
export type EndReason =
  | 'stopped' | 'replaced' | 'expired' | 'idle' | 'revoked' | 'logout'
  | 'impersonator_denied' | 'impersonator_inactive' | 'impersonator_deleted'
  | 'target_denied' | 'target_inactive' | 'target_deleted'
  | 'aborted' | 'abandoned'

/** A row of the log, without the two keys that only the plugin needs. Ids and names are copies made at the start. */
export interface ImpersonationLog {
  id: string
  impersonatorId: string
  impersonatorName: string
  impersonatingId: string
  impersonatingName: string
  reason: string | null
  readOnly: boolean
  ipAddress: string | null
  userAgent: string | null
  returnTo: string | null
  sessionStartedAt: Date
  expiresAt: Date | null
  lastSeenAt: Date
  sessionEndedAt: Date | null
  endReason: EndReason | null
  endedById: string | null
  endedByName: string | null
}

/** How a search word is held against a field: Django's field look-ups of the same names. `i…` ignores case. */
export type LookupType =
  | 'exact' | 'iexact' | 'contains' | 'icontains' | 'startswith' | 'istartswith' | 'endswith' | 'iendswith'

/** A page of users asked of a {@link UserSource}. With neither `page`, `after` nor `before`: the first. */
export interface UserQuery<Scope = unknown> {
  /** Every term must be found in at least one of the fields. None: everyone. */
  terms: readonly string[]
  fields: readonly string[]
  lookup: LookupType
  /** Who may be seen at all; undefined is everyone. */
  scope?: Scope | undefined
  /** From 1. */
  page?: number | undefined
  /** Those behind the user of this id. */
  after?: string | undefined
  /** Those before the user of this id. */
  before?: string | undefined
  pageSize: number
  /** Where counting may stop. */
  countLimit: number
}

/** The answer to a {@link UserQuery}: users by id, ascending. */
export interface UserPage<SourceUser> {
  users: SourceUser[]
  hasNext: boolean
  hasPrevious: boolean
  /** How many match; at most `countLimit`. */
  count: number
  /** False where counting stopped at `countLimit`. */
  countIsExact: boolean
}

/** Where users come from: `prismaUsers`, `memoryUsers`, or your own. */
export interface UserSource<SourceUser = User, Scope = unknown> {
  /** The user of this id; null where it is unknown, unparsable, or outside the scope. */
  findById (id: string, scope?: Scope): Promise<SourceUser | null>
  findPage (query: UserQuery<Scope>): Promise<UserPage<SourceUser>>
  /** The fields that can be searched, where the source knows them; `searchFields` is checked against it. */
  readonly textFields?: readonly string[]
  /** Its boolean fields, where the source knows them: without `isSuperuser` among them the option of that name is needed. */
  readonly booleanFields?: readonly string[]
}

/** What audit hooks and the diagnostics channels are given. */
export interface SessionEvent {
  /** Null at an end that nobody's request brought about, or where the person is gone. */
  impersonator: User | null
  impersonating: User | null
  request: FastifyRequest | null
  /** The row: ids and names are always there. */
  log: Readonly<ImpersonationLog>
  /** Null at the start. */
  endReason: EndReason | null
}

/** An audit hook. One that throws at the start stops the start; at the end it is logged and changes nothing. */
export type SessionHook = (event: SessionEvent) => void | Promise<void>

/** A PrismaClient that has the bundled `ImpersonationLog` model. */
export interface PrismaWithLog {
  readonly impersonationLog: object
  readonly user?: object
}

/** The plugin's own cookie. Always HttpOnly, unsigned, without Domain and without a lifetime. */
export interface CookieOptions {
  /** Over https it gets the prefix `__Host-` where the path is `/`. @default 'impersonation' */
  name?: string
  /** No narrower than the sign-in's cookie. @default '/' */
  path?: string
  /** No stricter than the sign-in's cookie. @default 'lax' */
  sameSite?: 'lax' | 'strict' | 'none'
  /** `'auto'`: by `request.protocol`. @default 'auto' */
  secure?: boolean | 'auto'
}

/** What a reason has to be. */
export interface RequireReason {
  /** In characters, without the white space around it. @default 1 */
  minLength?: number
  /** Called last, when everything else allows the start: true, or what to tell. What it throws, or no answer within `timeout`, is a 503. */
  validate?: (reason: string, people: { request: FastifyRequest, impersonator: User, impersonating: User }) => Awaitable<boolean | string>
}

/** How a route behaves while impersonating, in its `config.impersonation`. */
export type RouteMode =
  /** 403, and the handler is not run. */
  | 'deny'
  /** Runs as the real user: like an excluded path. */
  | 'real-user'
  /** Runs also under `readOnly`. */
  | 'allow'

/** A route's `config.impersonation` with more than a mode. */
export interface RouteImpersonation {
  mode?: RouteMode
  /** False: a request does not count as activity, such as a page's polling. @default true */
  keepAlive?: boolean
}

/** The strip that says, in the application's pages, whom one sees and who one is. */
export interface BannerOptions {
  /** In the flow at the top of the page, or at the bottom of the window. First by keyboard in either case. @default 'top' */
  position?: 'top' | 'bottom'
  /** What screen readers call it. @default 'Impersonation' */
  label?: string
  /** Pages within frames have one of their own. @default true */
  frames?: boolean
  /** A small script keeps the time left right; all else needs none. @default true */
  script?: boolean
}

type Awaitable<Value> = Value | PromiseLike<Value>

export type { Messages } from './messages.js'

/** All options. Every function may be sync or async unless it says otherwise. */
export interface ImpersonateOptions {
  /** Of all routes; not empty. @default '/impersonate' */
  prefix?: string
  /** Where a start, a stop and a refusal lead (django-impersonate: REDIRECT_URL). @default '/' */
  redirectUrl?: string
  /** Where someone not signed in is sent, with `?next=`; may be absolute (LOGIN_URL). @default '/login' */
  loginUrl?: string
  /** Only GET, HEAD and OPTIONS while impersonating (READ_ONLY, CUSTOM_READ_ONLY). @default false */
  readOnly?: boolean | ((request: FastifyRequest) => Awaitable<boolean>)
  /** After a stop, back to the page that the start came from (USE_HTTP_REFERER). @default false */
  useHttpReferer?: boolean
  /** Users and log entries a page (PAGINATE_COUNT). @default 20 */
  paginateCount?: number
  /** Only superusers may impersonate; otherwise staff too (REQUIRE_SUPERUSER). @default false */
  requireSuperuser?: boolean
  /** Superusers may be impersonated, by superusers only (ALLOW_SUPERUSER). @default false */
  allowSuperuser?: boolean
  /** Where the real user is used: held against the path and the route's pattern, both without leading slash (URI_EXCLUSIONS). @default [/^admin\//] */
  uriExclusions?: ReadonlyArray<RegExp | string>
  /** Who may be seen, found and impersonated: a scope for the user source (CUSTOM_USER_QUERYSET). Sees the real user. @default everyone */
  customUserQueryset?: (request: FastifyRequest) => Awaitable<unknown>
  /** Replaces the superuser/staff rule; the person is signed in and active (CUSTOM_ALLOW). Sees the real user. @default none */
  customAllow?: (request: FastifyRequest) => Awaitable<boolean>
  /** Name of the query field that carries where to go after a start, such as `next` (REDIRECT_FIELD_NAME). @default none */
  redirectFieldName?: string
  /** What a search looks at (SEARCH_FIELDS). @default those of username, firstName, lastName and email that the model has */
  searchFields?: readonly string[]
  /** How (LOOKUP_TYPE). @default 'icontains' */
  lookupType?: LookupType
  /** No rows, no database: the state is in the web session and laws about the record do not hold (DISABLE_LOGGING). @default false */
  disableLogging?: boolean
  /** Impersonators offered by the log's filter (MAX_FILTER_SIZE). @default 100 */
  maxFilterSize?: number
  /** Log entries may be deleted (ADMIN_DELETE_PERMISSION). @default false */
  adminDeletePermission?: boolean
  /** Closed log entries may be added by hand (ADMIN_ADD_PERMISSION). @default false */
  adminAddPermission?: boolean
  /** A log entry's reason may not be changed (ADMIN_READ_ONLY). @default true */
  adminReadOnly?: boolean
  /** Seconds an impersonation may last; null is no limit (MAX_DURATION). @default null */
  maxDuration?: number | null

  /** Where users come from. @default prismaUsers(prisma.user) where there is one */
  users?: UserSource
  /**
   * Who is really signed in; called once a request. Null is signed out; undefined is "this request cannot tell": it runs
   * as nobody. @default the user whose id is in `session.userId`
   */
  getRealUser?: (request: FastifyRequest) => Awaitable<User | null | undefined>
  /** Identifies one sign-in; never a raw cookie or token, which rotate. Sync. @default `session.sessionId` where there is one */
  signInId?: (request: FastifyRequest) => string | null
  /** Sync. @default the field of that name */
  isSuperuser?: (user: User) => boolean
  /** Sync. @default the field of that name */
  isStaff?: (user: User) => boolean
  /** Sync. @default true unless the field of that name is false */
  isActive?: (user: User) => boolean
  /** Sync. @default user.id */
  userId?: (user: User) => string | number | bigint
  /** Sync. @default the full name, else the username, else the email, else the id */
  displayName?: (user: User) => string
  /** A PrismaClient that has `impersonationLog`. @default the embedded database */
  prisma?: PrismaWithLog
  /** The embedded database where `prisma` is not given: `file:` or `postgresql:`. @default 'file:./impersonate.db' */
  databaseUrl?: string
  /** The plugin's cookie. @default { name: 'impersonation', path: '/', sameSite: 'lax', secure: 'auto' } */
  cookie?: CookieOptions
  /** A GET from the plugin's or the application's own pages may start and stop; false: it always asks. @default true */
  startByGet?: boolean
  /** Further origins whose pages may post to the plugin, such as `https://admin.example.com`. @default [] */
  trustedOrigins?: readonly string[]
  /** A folder whose templates replace the bundled ones, file by file. @default the bundled ones */
  views?: string
  /** A strip in each of the application's HTML pages while impersonating. @default false */
  banner?: boolean | BannerOptions
  /** Texts of the pages, by their names; those not given stay English. `fastify-impersonate/messages/de` has all of them in German. @default English */
  messages?: Partial<Messages>
  /** Who sees the log. Sees the real user. @default superusers */
  adminAllow?: (request: FastifyRequest) => Awaitable<boolean>
  /** Called once when an impersonation has been recorded, before it takes effect; throwing stops it. @default none */
  onSessionBegin?: SessionHook
  /** Called once when an impersonation is over. @default none */
  onSessionEnd?: SessionHook
  /**
   * A start needs a reason, of at most 1,000 characters. `validate` may ask another system: true lets it pass, a text refuses
   * it and is shown; it is given the request as the real user's. @default false
   */
  requireReason?: boolean | RequireReason
  /** Seconds without a request until an impersonation ends as `idle`; null is no limit. @default null */
  idleTimeout?: number | null
  /** Seconds without a request until an impersonation ends as `abandoned`. @default 86400 */
  abandonedAfter?: number
  /** Where counting users and log entries stops. @default 1000 */
  countLimit?: number
  /** Milliseconds for each call into users, log, hooks and `requireReason.validate`. @default 5000 */
  timeout?: number
  /** Leave the routes out of the OpenAPI document. @default false */
  hideRoutes?: boolean
  /** The clock, in milliseconds since 1970. @default Date.now */
  now?: () => number
}

/** Names for {@link ImpersonateApi.url}. */
export type UrlName = 'start' | 'stop' | 'list' | 'search' | 'log' | 'sessions' | 'status'

/** A person in JSON answers. */
export interface Person {
  id: string
  name: string
}

/** What a start returns. */
export interface Started {
  user: User
  impersonator: User
  impersonation: Impersonation
}

/** What a stop returns. */
export interface Stopped {
  /** The real user; null where nobody is signed in or it cannot be told. */
  user: User | null
  /** The page that the start came from, with `useHttpReferer`. */
  returnTo: string | null
}

/** `fastify.impersonate`. */
export interface ImpersonateApi {
  /** The address of one of the plugin's routes; `start` takes `{ userId }`. */
  url (name: UrlName, params?: { userId?: string | number | bigint }): string
  /** Whether the real user of this request may start an impersonation now; false while impersonating. */
  isAllowed (request: FastifyRequest): Promise<boolean>
  /** The same, and for this user. */
  isAllowedFor (request: FastifyRequest, user: User): Promise<boolean>
  /**
   * Starts an impersonation from a route of your own: checks, records, runs the begin hooks and sets the cookie. It takes
   * effect with the next request. The reply is yours to send.
   *
   * @throws FST_IMPERSONATE_NOT_AUTHENTICATED, …FORBIDDEN, …ALREADY_ACTIVE, …REASON_REQUIRED, …TARGET_NOT_FOUND, …UNAVAILABLE, …ABORTED
   */
  start (request: FastifyRequest, reply: FastifyReply, userId: string | number | bigint, details?: StartDetails): Promise<Started>
  /** Stops this request's impersonation, if there is one; never throws. The reply is yours to send. */
  stop (request: FastifyRequest, reply: FastifyReply): Promise<Stopped>
  /** A small POST form for your own user tables; empty for a user that this request's real user may not impersonate. HTML. */
  link (request: FastifyRequest, user: User, options?: LinkOptions): Promise<string>
  /**
   * The banner for a layout of your own: HTML, and empty where this request does not impersonate. It is for where the option
   * `banner` is false, and looks as that option says otherwise.
   */
  banner (request: FastifyRequest): string
  /** One more audit hook, run after those that came before. */
  addHook (name: 'onSessionBegin' | 'onSessionEnd', hook: SessionHook): void
  /** The impersonations that are running now, in all processes. */
  readonly sessions: LiveSessions
  /**
   * Closes every row that is past a deadline, in whatever process it was started; resolves to how many this call closed. It runs
   * by itself at start-up, once a minute, and before the log's pages: call it where no process of yours keeps running.
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

/** Which running impersonations are meant; without a field, all. */
export interface LiveFilter {
  /** The id of the person who impersonates. */
  impersonator?: string
  /** The id of the user who is impersonated. */
  impersonating?: string
}

/** `fastify.impersonate.sessions`: empty with `disableLogging`. */
export interface LiveSessions {
  /**
   * Newest first.
   *
   * @throws FST_IMPERSONATE_UNAVAILABLE
   */
  list (filter?: LiveFilter): Promise<ImpersonationLog[]>
  /**
   * Ends one as `revoked`: it is over on its next request, in every process. Resolves to the log entry as it is then, also where
   * it had ended before; null where there is none of this id.
   *
   * @throws FST_IMPERSONATE_UNAVAILABLE
   */
  end (id: string, details?: { by?: User | null }): Promise<ImpersonationLog | null>
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

/** The name of one of the plugin's routes, in its `config.impersonateRoute`. */
export type RouteName =
  | 'start' | 'stop' | 'list' | 'search' | 'log' | 'log-entry' | 'log-add' | 'log-edit' | 'log-delete' | 'log-download'
  | 'sessions' | 'sessions-end' | 'status' | 'asset' | 'reserved'

/** @fastify/jwt and @fastify/passport declare `request.user` themselves, and two types for one property exclude each other. */
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
