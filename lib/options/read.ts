import { isBelow } from '../http/redirect.js'
import { sessionId } from '../http/web-session.js'
import { createLanguage, type Language } from '../messages/language.js'
import type { ReasonRules, Settings } from '../settings.js'
import type { BannerOptions, ImpersonateOptions, PrismaWithLog, UserSource } from '../types/index.js'
import { isPrismaModel } from '../users/prisma/model.js'
import { prismaUsers } from '../users/prisma/source.js'
import * as is from './checks.js'
import { createPeople, guarded } from './people.js'
import { CHECKS } from './table.js'

const DEFAULT_FIELDS = ['username', 'firstName', 'lastName', 'email']

/** Fastify's own options of `register`, which pass. */
const FASTIFYS_OWN = new Set(['prefix', 'logLevel', 'logSerializers'])
const KNOWN = Object.keys(CHECKS)

/**
 * Checks every option and fills in every default; the caller's object is never written to.
 *
 * @param scopePrefix the prefix of the scope that the plugin is registered in
 * @param hasSession whether requests have a web session by the time that the plugin sees them
 * @throws FST_IMPERSONATE_INVALID_OPTION
 */
export function readOptions (given: ImpersonateOptions, scopePrefix = '', hasSession = true): Settings {
  for (const [name, value] of Object.entries(given)) {
    if (!(KNOWN.includes(name) || FASTIFYS_OWN.has(name))) is.unknownOption(name, KNOWN)
    if (value !== undefined && isOption(name)) CHECKS[name](name, value)
  }
  refuseConflicts(given)

  const {
    prefix = '/impersonate', redirectUrl = '/', loginUrl = '/login', readOnly = false, useHttpReferer = false,
    paginateCount = 20, requireSuperuser = false, allowSuperuser = false, uriExclusions = [/^admin\//],
    customUserQueryset, customAllow, redirectFieldName, lookupType = 'icontains', disableLogging = false,
    maxFilterSize = 100, adminDeletePermission = false, adminAddPermission = false, adminReadOnly = true,
    maxDuration = null, getRealUser, signInId = hasSession ? sessionId : () => null, prisma, databaseUrl = 'file:./impersonate.db',
    cookie: { name = 'impersonation', path = '/', sameSite = 'lax', secure = 'auto' } = {},
    startByGet = true, trustedOrigins = [], views, banner = false, messages = {}, adminAllow, onSessionBegin, onSessionEnd,
    countLimit = 1000, timeout = 5000, hideRoutes = false, requireReason = false,
    idleTimeout = null, abandonedAfter = 86_400, now = Date.now
  } = given

  if (/[:*]/.test(scopePrefix)) is.conflict(`The plugin cannot be registered below the prefix "${scopePrefix}": its pages need addresses without parameters`)
  const users = given.users ?? defaultUsers(prisma)
  const ownPath = `/${prefix.split('/').filter(Boolean).join('/')}`
  const base = `${scopePrefix.replace(/\/+$/, '')}${ownPath}`
  if (!isBelow(base, path)) is.refuse('cookie.path', `a path that the plugin's own pages (${base}) are below, or no stop would see the cookie`, path)
  for (const [option, value] of Object.entries({ redirectUrl, loginUrl })) {
    if (value.startsWith('/') && isBelow(value, base)) is.refuse(option, 'a page other than the plugin\'s own, which it is sent away from', value)
  }

  checkSuperuserFlag(given, users)

  const language = createLanguage(messages, now)

  return Object.freeze({
    ...createPeople(given),
    prefix: ownPath,
    base,
    redirectUrl,
    loginUrl,
    readOnly: typeof readOnly === 'function' ? readOnly : () => readOnly,
    useHttpReferer,
    paginateCount,
    requireSuperuser,
    allowSuperuser,
    uriExclusions: uriExclusions.map(pattern => new RegExp(pattern)),
    customUserQueryset,
    customAllow,
    redirectFieldName,
    searchFields: readSearchFields(given.searchFields, users),
    lookupType,
    disableLogging,
    maxFilterSize,
    adminDeletePermission,
    adminAddPermission,
    adminReadOnly,
    maxDuration,
    users,
    getRealUser,
    hasOwnSignInId: given.signInId !== undefined,
    signInId: guarded('signInId', request => signInOf(signInId(request))),
    prisma,
    databaseUrl,
    cookie: { name, path, sameSite, secure },
    startByGet,
    trustedOrigins: new Set(trustedOrigins),
    views,
    banner: banner !== false && readBanner(banner === true ? {} : banner, language),
    language,
    adminAllow,
    hooks: {
      onSessionBegin: onSessionBegin === undefined ? [] : [onSessionBegin],
      onSessionEnd: onSessionEnd === undefined ? [] : [onSessionEnd]
    },
    countLimit,
    timeout,
    hideRoutes,
    requireReason: readReasonRules(requireReason),
    idleTimeout,
    abandonedAfter,
    now
  })
}

/** How the banner is, also where it is only made for a layout of the application's own. */
export function readBanner (
  { position = 'top', label, frames = true, script = true }: BannerOptions, { raw }: Language
): Required<BannerOptions> {
  return { position, label: label ?? raw('banner.label'), frames, script }
}

function isOption (name: string): name is keyof ImpersonateOptions {
  return KNOWN.includes(name)
}

function refuseConflicts ({ prisma, databaseUrl, disableLogging, idleTimeout }: ImpersonateOptions): void {
  if (prisma !== undefined && databaseUrl !== undefined) {
    is.conflict('The options "prisma" and "databaseUrl" exclude each other: the log is in one database')
  }
  if (disableLogging === true && typeof idleTimeout === 'number') {
    is.conflict('The option "idleTimeout" makes no sense with "disableLogging": without a log nothing is kept of when an impersonation was last used')
  }
  if (disableLogging === true && (prisma ?? databaseUrl) !== undefined) {
    is.conflict(`The option "${prisma === undefined ? 'databaseUrl' : 'prisma'}" makes no sense with "disableLogging", which keeps no log; give "users" where prisma was meant for them`)
  }
}

/** Where the flag is nowhere, every user would be refused as a target. */
function checkSuperuserFlag ({ isSuperuser }: ImpersonateOptions, { booleanFields }: UserSource): void {
  if (isSuperuser !== undefined || booleanFields === undefined || booleanFields.includes('isSuperuser')) return
  is.conflict(`The option "isSuperuser" is missing: the user model has no boolean field of that name (but ${booleanFields.join(', ') || 'none'}). Give it a function such as user => user.role === 'admin', or () => false where nobody is one`)
}

/** Something else than a text or nothing, such as a promise, would bind every sign-in of a person to one key. */
function signInOf (id: unknown): string | null {
  if (id === undefined || id === null || typeof id === 'string') return id ?? null
  if (typeof id === 'number' || typeof id === 'bigint') return String(id)
  throw new TypeError('it returned something that is no text')
}

function defaultUsers (prisma: PrismaWithLog | undefined): UserSource {
  if (isPrismaModel(prisma?.user)) return prismaUsers(prisma.user)
  return is.conflict('The option "users" is missing: give it prismaUsers(prisma.user), memoryUsers([…]) or your own source of users')
}

function readSearchFields (asked: readonly string[] | undefined, users: UserSource): readonly string[] {
  if (users.textFields === undefined) return asked ?? DEFAULT_FIELDS
  const there = [...users.textFields, ...users.numberFields ?? []]
  const missing = asked?.find(name => !there.includes(name))
  if (missing !== undefined) is.refuse('searchFields', `text and number fields of the user model (${there.join(', ')})`, missing)
  const fields = asked ?? DEFAULT_FIELDS.filter(name => there.includes(name))
  if (fields.length === 0) is.conflict(`The option "searchFields" is missing: the user model has none of ${DEFAULT_FIELDS.join(', ')}, but ${there.join(', ')}`)
  return fields
}

function readReasonRules (option: NonNullable<ImpersonateOptions['requireReason']>): ReasonRules | null {
  if (option === false) return null
  const { minLength = 1, validate } = option === true ? {} : option
  return { minLength, validate }
}
