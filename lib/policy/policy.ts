import type { FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_REASON_REQUIRED, FST_IMPERSONATE_UNAVAILABLE } from '../errors.js'
import type { Settings } from '../settings.js'
import type { User } from '../types/index.js'
import { wrongScope } from '../users/scope.js'
import { within } from '../within.js'
import { asRealUser } from './as-real-user.js'

/**
 * What the application's functions say of a request. They see it as the real user's, and have so long to answer as
 * `timeout` says. Each call throws FST_IMPERSONATE_UNAVAILABLE where one fails: what cannot be told is refused.
 */
export interface Policy {
  /** Whether this person may impersonate at all: django-impersonate's `check_allow_impersonate`. */
  mayImpersonate (request: FastifyRequest, real: User): Promise<boolean>
  /** Whether this person may see the log: superusers, or who `adminAllow` says. */
  mayAdminister (request: FastifyRequest, real: User): Promise<boolean>
  /** Whether the request may only read while impersonating. */
  isReadOnly (request: FastifyRequest): Promise<boolean>
  /** Who may be seen, found and impersonated on this request, in a way that its source knows; undefined is everyone. */
  scopeOf (request: FastifyRequest): Promise<unknown>
  /** @throws FST_IMPERSONATE_REASON_REQUIRED where the application does not accept the reason, with its words */
  validateReason (
    request: FastifyRequest, reason: string | null, people: { impersonator: User, impersonating: User }
  ): Promise<void>
}

/** The only door to these functions of the application's. */
export function createPolicy (settings: Settings): Policy {
  const { timeout, isActive, isSuperuser, isStaff, requireSuperuser, users } = settings
  const { customAllow, adminAllow, customUserQueryset, requireReason } = settings

  /** A throw of theirs becomes a rejection. */
  async function ask<Answer> (
    option: string, request: FastifyRequest, call: (request: FastifyRequest) => Answer | PromiseLike<Answer>
  ): Promise<Answer> {
    return await within(timeout, `"${option}" did not answer`, () => call(asRealUser(request)))
  }

  return {
    async mayImpersonate (request, real) {
      if (!isActive(real)) return false
      if (customAllow !== undefined) return await ask('customAllow', request, customAllow) === true
      return isSuperuser(real) || (!requireSuperuser && isStaff(real))
    },

    async mayAdminister (request, real) {
      if (!isActive(real)) return false
      return adminAllow === undefined ? isSuperuser(real) : await ask('adminAllow', request, adminAllow) === true
    },

    isReadOnly: async request => await ask('readOnly', request, settings.readOnly) !== false,

    async scopeOf (request) {
      if (customUserQueryset === undefined) return undefined
      return await ask('customUserQueryset', request, async shown => {
        const scope = await customUserQueryset(shown)
        const wrong = wrongScope(scope, users.scopeType)
        if (wrong === null) return scope
        request.log.error(`fastify-impersonate: ${wrong}`)
        throw new FST_IMPERSONATE_UNAVAILABLE(wrong)
      })
    },

    async validateReason (request, reason, people) {
      const validate = requireReason?.validate
      if (validate === undefined || reason === null) return
      const answer: unknown = await ask('requireReason.validate', request, shown => validate(reason, { request: shown, ...people }))
      if (answer === true) return
      throw new FST_IMPERSONATE_REASON_REQUIRED(typeof answer === 'string' && answer !== '' ? answer : 'This reason is not accepted')
    }
  }
}
