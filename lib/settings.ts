import type { FastifyRequest } from 'fastify'
import type { Language } from './messages/language.js'
import type {
  BannerOptions, ImpersonateOptions, LookupType, Person, PrismaWithLog, RequireReason, SessionHook, User, UserSource
} from './types/index.js'

/** What the plugin has to know about a user, by the options or the fields of the usual names. */
export interface People {
  idOf (user: User): string
  nameOf (user: User): string
  personOf (user: User): Person
  isActive (user: User): boolean
  isStaff (user: User): boolean
  isSuperuser (user: User): boolean
  /** Whether `isSuperuser` gives a clear answer; a user of whom it cannot be told is never a target. */
  isSuperuserKnown (user: User): boolean
}

/** The option `requireReason`, with its defaults. */
export interface ReasonRules {
  minLength: number
  validate: RequireReason['validate']
}

/** Every option with its default, checked: what the rest of the plugin reads. */
export interface Settings extends People {
  /** Below the scope's own prefix; with a leading and without a trailing slash. */
  readonly prefix: string
  /** The whole path of the plugin's pages: the scope's prefix and the plugin's own. */
  readonly base: string
  readonly redirectUrl: string
  readonly loginUrl: string
  readonly readOnly: (request: FastifyRequest) => boolean | PromiseLike<boolean>
  readonly useHttpReferer: boolean
  readonly paginateCount: number
  readonly requireSuperuser: boolean
  readonly allowSuperuser: boolean
  readonly uriExclusions: readonly RegExp[]
  readonly customUserQueryset: ((request: FastifyRequest) => unknown) | undefined
  readonly customAllow: ((request: FastifyRequest) => boolean | PromiseLike<boolean>) | undefined
  readonly redirectFieldName: string | undefined
  readonly searchFields: readonly string[]
  readonly lookupType: LookupType
  readonly disableLogging: boolean
  readonly maxFilterSize: number
  readonly adminDeletePermission: boolean
  readonly adminAddPermission: boolean
  readonly adminReadOnly: boolean
  readonly maxDuration: number | null
  readonly users: UserSource
  readonly getRealUser: ImpersonateOptions['getRealUser']
  readonly signInId: (request: FastifyRequest) => string | null
  readonly hasOwnSignInId: boolean
  readonly prisma: PrismaWithLog | undefined
  readonly databaseUrl: string
  readonly cookie: { name: string, path: string, sameSite: 'lax' | 'strict' | 'none', secure: boolean | 'auto' }
  readonly startByGet: boolean
  readonly trustedOrigins: ReadonlySet<string>
  readonly views: string | undefined
  readonly banner: Readonly<Required<BannerOptions>> | false
  /** The option `messages`, ready for use. */
  readonly language: Language
  readonly adminAllow: ((request: FastifyRequest) => boolean | PromiseLike<boolean>) | undefined
  readonly hooks: { readonly onSessionBegin: SessionHook[], readonly onSessionEnd: SessionHook[] }
  readonly countLimit: number
  readonly timeout: number
  readonly hideRoutes: boolean
  /** Null where no reason is asked for. */
  readonly requireReason: ReasonRules | null
  readonly idleTimeout: number | null
  readonly abandonedAfter: number
  readonly now: () => number
}
