import type {} from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import type { Messages } from '../messages/language.js'
import type { SessionHook } from './hooks.js'
import type { PrismaWithLog } from './log.js'
import type { User } from './user.js'
import type { Awaitable } from './awaitable.js'
import type { LookupType, UserSource } from './user-source.js'

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
