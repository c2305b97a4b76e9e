import type { FastifyRequest } from 'fastify'
import {
  FST_IMPERSONATE_ALREADY_ACTIVE, FST_IMPERSONATE_COOKIE_DROPPED, FST_IMPERSONATE_FORBIDDEN,
  FST_IMPERSONATE_NOT_AUTHENTICATED, FST_IMPERSONATE_TARGET_NOT_FOUND
} from '../errors.js'
import { refusalOf, type Refusal } from '../policy/target.js'
import type { User } from '../types/index.js'
import type { Core } from './core.js'
import { recognise } from './recognise.js'

const UNCLEAR = ', because "isSuperuser" is not a boolean of this user: set the option "isSuperuser"'

/**
 * On excluded paths nothing has looked at the claim yet. What is over, or another person's, does not stand in the way.
 */
export async function refuseWhereOneRuns (core: Core, request: FastifyRequest): Promise<void> {
  if (request.impersonation !== null) throw new FST_IMPERSONATE_ALREADY_ACTIVE()
  const real = request.realUser
  const claimed = real === null ? 'nothing' : await core.state.find(request)
  if (typeof claimed === 'string') return
  const found = await recognise(core, request, real, claimed)
  if (found.is === 'running') throw new FST_IMPERSONATE_ALREADY_ACTIVE()
}

/** Nothing starts that this browser could not claim at its next request. */
export function refuseWhereDropped ({ state }: Core, request: FastifyRequest): void {
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
  const isUnclear = refusal === 'of an unclear "isSuperuser"'
  request.log.warn(
    { impersonatorId: settings.idOf(real), userId, refusal: target === null && exists ? 'out of scope' : refusal },
    `fastify-impersonate: start refused${isUnclear ? UNCLEAR : ''}`
  )
  throw new FST_IMPERSONATE_TARGET_NOT_FOUND()
}
