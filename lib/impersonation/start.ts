import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  FST_IMPERSONATE_ABORTED, FST_IMPERSONATE_ALREADY_ACTIVE, FST_IMPERSONATE_COOKIE_DROPPED,
  FST_IMPERSONATE_FORBIDDEN, FST_IMPERSONATE_NOT_AUTHENTICATED, FST_IMPERSONATE_TARGET_NOT_FOUND
} from '../errors.js'
import { newRow } from '../log/new-row.js'
import { asImpersonation, type LogRow } from '../log/store.js'
import { readReason } from '../policy/reason.js'
import { refusalOf, type Refusal } from '../policy/target.js'
import { hashKey, newKey, openKeyOf } from '../state/keys.js'
import type { Started, User } from '../types/index.js'
import type { Core } from './core.js'
import { isGone, whenGone } from './gone.js'
import { recognise } from './recognise.js'
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
  core: Core, request: FastifyRequest, reply: FastifyReply, userId: string, { reason: given, returnTo = null }: StartInput
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
  // The key may get lost on its way all the same: to whom it does not get, nothing has started. Without a log there is no
  // key: what is in the web session by then goes on.
  if (core.log !== null) whenGone(request, reply, abort)
  return { user: target, impersonator: real, impersonation: asImpersonation(row) }
}

/** Nobody sees it; as nginx has it for its own log. */
function gone (): Error {
  return Object.assign(new FST_IMPERSONATE_ABORTED(), { statusCode: 499, message: 'The browser was gone before its answer' })
}

/**
 * On excluded paths nothing has looked at the claim yet. What is over, or another person's, does not stand in the way.
 */
async function refuseWhereOneRuns (core: Core, request: FastifyRequest): Promise<void> {
  if (request.impersonation !== null) throw new FST_IMPERSONATE_ALREADY_ACTIVE()
  const real = request.realUser
  const claimed = real === null ? 'nothing' : await core.state.find(request)
  if (typeof claimed === 'string') return
  const found = await recognise(core, request, real, claimed)
  if (found.is === 'running') throw new FST_IMPERSONATE_ALREADY_ACTIVE()
}

/** Nothing starts that this browser could not claim at its next request. */
function refuseWhereDropped ({ state }: Core, request: FastifyRequest): void {
  const dropped = state.whyDropped(request)
  if (dropped === null) return
  throw Object.assign(new FST_IMPERSONATE_COOKIE_DROPPED(dropped.why), { setting: dropped.setting })
}

/** The real user of this request, who may impersonate. */
export async function checkStarter ({ policy }: Core, request: FastifyRequest): Promise<User> {
  const real = request.realUser
  if (real === null) throw new FST_IMPERSONATE_NOT_AUTHENTICATED()
  if (!await policy.mayImpersonate(request, real)) throw new FST_IMPERSONATE_FORBIDDEN()
  return real
}

/**
 * The user of this id, whom this person may impersonate.
 *
 * @throws FST_IMPERSONATE_TARGET_NOT_FOUND for every refusal, after the same look-ups, so that nothing tells them apart
 */
export async function findTarget (
  { settings, policy, users }: Core, request: FastifyRequest, real: User, userId: string
): Promise<User> {
  const scope = await policy.scopeOf(request)
  const target = await users.find(userId, scope)
  const refusal: Refusal | null = target === null ? 'unknown' : refusalOf(settings, real, target)
  if (target !== null && refusal === null) return target

  const exists = scope === undefined ? target !== null : await users.find(userId) !== null
  request.log.warn({
    impersonatorId: settings.idOf(real), userId, refusal: target === null && exists ? 'out of scope' : refusal
  }, refusal === 'of an unclear "isSuperuser"'
    ? 'fastify-impersonate: start refused, because "isSuperuser" is not a boolean of this user: set the option "isSuperuser"'
    : 'fastify-impersonate: start refused')
  throw new FST_IMPERSONATE_TARGET_NOT_FOUND()
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
