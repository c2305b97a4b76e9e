import { statSync } from 'node:fs'
import { safePath } from '../http/redirect.js'
import { isObject, hasMethods } from '../is.js'
import { LONGEST_REASON } from '../log/columns.js'
import type { ImpersonateOptions } from '../types/index.js'
import * as is from './checks.js'
import { checkMessages } from './messages.js'

const LOOKUPS = ['exact', 'iexact', 'contains', 'icontains', 'startswith', 'istartswith', 'endswith', 'iendswith']
const LOG_METHODS = ['findUnique', 'findMany', 'create', 'updateMany', 'deleteMany', 'count']
export const TEN_YEARS = 315_576_000

/** Query and body fields that have a meaning already. */
const TAKEN_FIELDS = ['q', 'page', 'after', 'before', 'reason', 'userId']

/** Every option that exists and what it takes. */
export const CHECKS: { [Name in keyof Required<ImpersonateOptions>]: (name: string, value: unknown) => void } = {
  prefix: (name, value) => {
    if (typeof value !== 'string' || !/^\/*[\w~.-]+(\/+[\w~.-]+)*\/*$/.test(value)) is.refuse(name, 'a path such as "/impersonate"', value)
  },
  redirectUrl: (name, value) => {
    if (safePath(value, '/\0') === null) is.refuse(name, 'a path of this application such as "/"', value)
  },
  loginUrl: (name, value) => {
    const absolute = typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
    if (!absolute && safePath(value, '/\0') === null) is.refuse(name, 'a path or an http(s) address', value)
  },
  readOnly: is.aFlagOrFunction,
  useHttpReferer: is.aBoolean,
  paginateCount: is.wholeNumber(1, 1000),
  requireSuperuser: is.aBoolean,
  allowSuperuser: is.aBoolean,
  uriExclusions: is.patterns,
  customUserQueryset: is.aFunction,
  customAllow: is.aFunction,
  redirectFieldName: (name, value) => {
    if (typeof value !== 'string' || !/^[\w-]+$/.test(value) || TAKEN_FIELDS.includes(value)) {
      is.refuse(name, `a field name such as "next", other than ${TAKEN_FIELDS.join(', ')}`, value)
    }
  },
  searchFields: is.names,
  lookupType: is.oneOf(...LOOKUPS),
  disableLogging: is.aBoolean,
  maxFilterSize: is.wholeNumber(1, 10_000),
  adminDeletePermission: is.aBoolean,
  adminAddPermission: is.aBoolean,
  adminReadOnly: is.aBoolean,
  maxDuration: is.secondsOrNull(TEN_YEARS),
  users: is.aUserSource,
  getRealUser: is.aFunction,
  signInId: is.aFunction,
  isSuperuser: is.aFunction,
  isStaff: is.aFunction,
  isActive: is.aFunction,
  userId: is.aFunction,
  displayName: is.aFunction,
  prisma: (name, value) => {
    const log = isObject(value) ? Reflect.get(value, 'impersonationLog') : undefined
    if (hasMethods(log, LOG_METHODS) && hasMethods(value, ['$transaction'])) return
    if (!isObject(value)) is.refuse(name, 'a PrismaClient', value)
    is.conflict('The option "prisma" takes a PrismaClient with the ImpersonationLog model, but got one without it: copy ' +
      'node_modules/fastify-impersonate/prisma/impersonation-log.prisma beside your schema, run npx prisma migrate dev, then npx prisma generate')
  },
  databaseUrl: is.databaseAddress,
  cookie: checkCookie,
  startByGet: is.aBoolean,
  trustedOrigins: is.origins,
  views: (name, value) => {
    if (typeof value !== 'string' || statSync(value, { throwIfNoEntry: false })?.isDirectory() !== true) is.refuse(name, 'a folder that exists', value)
  },
  banner: checkBanner,
  messages: checkMessages,
  adminAllow: is.aFunction,
  onSessionBegin: is.aFunction,
  onSessionEnd: is.aFunction,
  countLimit: is.wholeNumber(1, 1_000_000),
  timeout: is.wholeNumber(1, 600_000),
  hideRoutes: is.aBoolean,
  requireReason: checkReason,
  idleTimeout: is.secondsOrNull(TEN_YEARS),
  abandonedAfter: is.seconds(TEN_YEARS),
  now: is.aClock
}

function checkReason (name: string, value: unknown): void {
  if (typeof value === 'boolean') return
  if (!isObject(value)) is.refuse(name, 'true, false or an object with minLength, validate', value)
  const checks: Record<string, (option: string, field: unknown) => void> = { minLength: is.wholeNumber(1, LONGEST_REASON), validate: is.aFunction }
  is.fields(name, value, 'a reason', checks)
}

function checkBanner (name: string, value: unknown): void {
  if (typeof value === 'boolean') return
  if (!isObject(value)) is.refuse(name, 'true, false or an object with position, label, frames, script', value)
  is.fields(name, value, 'a banner', { position: is.oneOf('top', 'bottom'), label: is.aName, frames: is.aBoolean, script: is.aBoolean })
}

function checkCookie (name: string, value: unknown): void {
  if (!isObject(value)) is.refuse(name, 'an object with name, path, sameSite, secure', value)
  const checks: Record<string, is.Check> = {
    name: (option, field) => {
      if (typeof field !== 'string' || !/^(?!__)[\w!#$%&'*+.^`|~-]+$/.test(field)) is.refuse(option, 'a cookie name without a prefix such as __Host-', field)
    },
    path: (option, field) => {
      // eslint-disable-next-line no-control-regex
      if (typeof field !== 'string' || !/^\/[^;\u0000-\u001f\u007f]*$/.test(field)) is.refuse(option, 'a path', field)
    },
    sameSite: is.oneOf('lax', 'strict', 'none'),
    secure: (option, field) => { if (typeof field !== 'boolean' && field !== 'auto') is.refuse(option, 'true, false or "auto"', field) }
  }
  is.fields(name, value, 'a cookie', checks)
  if (Reflect.get(value, 'sameSite') === 'none' && Reflect.get(value, 'secure') === false) {
    is.refuse(`${name}.secure`, 'true or "auto" with sameSite "none", as browsers demand', false)
  }
}
