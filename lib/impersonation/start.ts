import type { FastifyReply, FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_ABORTED } from '../errors.js'
import { newRow } from '../log/new-row.js'
import { asImpersonation, type LogRow } from '../log/store.js'
import { readReason } from '../policy/reason.js'
import { hashKey, newKey, openKeyOf } from '../state/keys.js'
import type { Started, User } from '../types/index.js'
import { checkStarter, findTarget, refuseWhereDropped, refuseWhereOneRuns } from './admission.js'
import type { Core } from './core.js'
import { isGone, whenGone } from './gone.js'
import { noteRefusal } from './refused.js'

/** What a start may be told beside whom it is for. */
export interface StartInput {
  reason?: string | null | undefined
  /** Where a stop leads back to. */
  returnTo?: string | null
}

/**
 * Starts an impersonation: may this person, can this browser, may this person that one, the record, the hooks, the
 * cookie. In this order.
 *
 * @throws FST_IMPERSONATE_ALREADY_ACTIVE, …NOT_AUTHENTICATED, …FORBIDDEN, …COOKIE_DROPPED, …REASON_REQUIRED,
 * …TARGET_NOT_FOUND, …UNAVAILABLE, …ABORTED
 */
export async function startImpersonation (
  core: Core, request: FastifyRequest, reply: FastifyReply, userId: string, input: StartInput = {}
): Promise<Started> {
  try {
    return await start(core, request, reply, userId, input)
  } catch (error) {
    noteRefusal(core.settings, request, error, { userId })
    throw error
  }
}

async function start (
  core: Core, request: FastifyRequest, reply: FastifyReply, userId: string,
  { reason: given, returnTo = null }: StartInput
): Promise<Started> {
  const { settings, policy, state, hooks } = core
  await refuseWhereOneRuns(core, request)
  const real = await checkStarter(core, request)
  refuseWhereDropped(core, request)
  const reason = readReason(settings.requireReason, given)
  const target = await findTarget(core, request, real, userId)
  await policy.validateReason(request, reason, { impersonator: real, impersonating: target })

  const key = newKey()
  const people = { request, impersonator: real, impersonating: target }
  const row = await rowOf(core, request, people, key, { reason, returnTo })
  await state.open(row, people)
  const abort = async () => {
    await state.closeSurely(row, { reason: 'aborted', at: new Date(settings.now()) }, people)
  }
  try {
    await hooks.begin(row, people)
    if (isGone(request, reply)) throw gone()
    state.give(request, reply, row, key)
  } catch (error) {
    await abort()
    throw error
  }
  // The key may get lost on its way all the same: to whom it does not get, nothing has started. Without a log there is
  // no key: what is in the web session by then goes on.
  if (core.log !== null) whenGone(request, reply, abort)
  return { user: target, impersonator: real, impersonation: asImpersonation(row) }
}

/** Nobody sees it; as nginx has it for its own log. */
function gone (): Error {
  const message = 'The browser was gone before its answer'
  return Object.assign(new FST_IMPERSONATE_ABORTED(), { statusCode: 499, message })
}

async function rowOf (
  { settings, policy }: Core, request: FastifyRequest, people: { impersonator: User, impersonating: User }, key: string,
  { reason, returnTo }: { reason: string | null, returnTo: string | null }
): Promise<LogRow> {
  const { now, maxDuration } = settings
  const startedAt = new Date(now())
  const impersonator = settings.personOf(people.impersonator)
  return newRow({
    sessionKey: hashKey(key),
    openKey: openKeyOf(impersonator.id, settings.signInId(request)),
    impersonator,
    impersonating: settings.personOf(people.impersonating),
    startedAt,
    expiresAt: maxDuration === null ? null : new Date(startedAt.getTime() + maxDuration * 1000),
    reason,
    readOnly: await policy.isReadOnly(request),
    ipAddress: request.ip,
    userAgent: request.headers['user-agent'],
    returnTo
  })
}
