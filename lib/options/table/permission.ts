import type { FastifyRequest } from 'fastify'
import type { Awaitable } from '../../types/awaitable.js'
import type { RequireReason } from '../../types/index.js'
import type { ReasonRules } from '../../settings.js'
import * as is from '../checks.js'
import { option } from '../option.js'
import { checkReason, readReasonRules } from '../reason.js'

type IsReadOnly = (request: FastifyRequest) => Awaitable<boolean>

/** Who may impersonate whom, and what is allowed meanwhile. */
export const permission = {
  /**
   * Only superusers may impersonate; otherwise staff too. With `true`, a member of staff who is no superuser gets 403.
   * @default false
   * @django REQUIRE_SUPERUSER
   */
  requireSuperuser: option<boolean>(is.aBoolean, false),
  /**
   * Superusers may be impersonated.
   * @default false
   * @django ALLOW_SUPERUSER: by superusers only, also with `customAllow`: staff never reach a superuser
   */
  allowSuperuser: option<boolean>(is.aBoolean, false),
  /**
   * `(request) => boolean`: replaces the superuser/staff rule. Sees the real user.
   * @default none
   * @django CUSTOM_ALLOW: the person is signed in and active in any case
   */
  customAllow: option<(request: FastifyRequest) => Awaitable<boolean>>(is.aFunction),
  /**
   * `(request) => scope`: who may be seen, found and impersonated. Sees the real user.
   * @default everyone
   * @django CUSTOM_USER_QUERYSET: returns a scope for the user source: a Prisma `where`, or a predicate for
   * `memoryUsers`. It means what it means to Prisma alone: `{}` is everyone, `{ OR: [] }` nobody. Anything else, and
   * anything `undefined` inside it, is refused (503)
   */
  customUserQueryset: option<(request: FastifyRequest) => Awaitable<unknown>>(is.aFunction),
  /** `(request) => boolean`: who sees the log and the live impersonations. Sees the real user. @default superusers */
  adminAllow: option<(request: FastifyRequest) => Awaitable<boolean>>(is.aFunction),
  /**
   * Only GET, HEAD and OPTIONS while impersonating.
   * @default false
   * @django READ_ONLY, CUSTOM_READ_ONLY: one option, a boolean or a function; refused requests get 405, and WebSocket
   * upgrades are refused too
   */
  readOnly: option<boolean | IsReadOnly, IsReadOnly>(
    is.aFlagOrFunction, false, given => typeof given === 'function' ? given : () => given),
  /**
   * Paths where the real user is used, without leading slash, such as `/^health$/`.
   * @default [/^admin\//]
   * @django URI_EXCLUSIONS: RegExps, searched as Django does: write the `^`. Held against the path as the router reads
   * it, and against the route's pattern, so that another spelling of an address does not slip by
   */
  uriExclusions: option<ReadonlyArray<RegExp | string>, readonly RegExp[]>(
    is.patterns, [/^admin\//], given => given.map(pattern => new RegExp(pattern))),
  /**
   * A GET from the plugin's or the application's own pages may start and stop; `false`: a GET always asks.
   * @default true
   */
  startByGet: option<boolean>(is.aBoolean, true),
  /**
   * Further origins whose pages may post to the plugin, and to which a `next` may lead, such as
   * `https://admin.example.com`.
   * @default []
   */
  trustedOrigins: option<readonly string[], ReadonlySet<string>>(is.origins, [], given => new Set(given)),
  /**
   * `true`, or `{ minLength, validate }`: a start needs a reason, of at most 1,000 characters.
   * `validate(reason, { request, impersonator, impersonating })` may ask another system. It returns true, or a text
   * that refuses the reason and is shown; its request is the real user's.
   * @default false
   */
  requireReason: option<boolean | RequireReason, ReasonRules | null>(checkReason, false, readReasonRules)
}
