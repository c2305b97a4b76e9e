import type { FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_UNAVAILABLE } from '../errors.js'
import { overdue } from '../log/deadlines.js'
import type { Ending, LogRow } from '../log/store.js'
import { type Over } from '../overlay/overlay.js'
import { refusalOf } from '../policy/target.js'
import type { Settings } from '../settings.js'
import { goesWith } from '../state/keys.js'
import { type Claimed } from '../state/state.js'
import type { EndReason, User } from '../types/index.js'
import type { Core } from './core.js'
import { isTargetSignedIn, signTargetOut } from './target-signed-in.js'

/** How often what a log says of a row is believed that then cannot be ended: law 15. */
const MOST_ROUNDS = 3

/** What a claimed impersonation turns out to be on this request. */
export type Recognised =
  | { is: 'running', row: LogRow, real: User, target: User }
  | { is: 'over', over: Over }
  /** Not this person's: the cookie goes, and the request runs as who is really signed in. */
  | { is: 'worthless' }

/**
 * The target of a claimed impersonation, ahead of everything that has to be checked; undefined where it is to be looked
 * up in its turn, because a scope has a say: that is never asked of who may not impersonate.
 */
export async function seekTarget ({ settings, users }: Core, claimed: Claimed): Promise<User | null | undefined> {
  const isSought = typeof claimed !== 'string' && claimed.sessionEndedAt === null && settings.customUserQueryset === undefined
  return isSought ? await users.find(claimed.impersonatingId) : undefined
}

/**
 * Whether the impersonation that a request claims still holds. What no longer does is closed on the way.
 * Law 3: every request checks again, and what cannot be checked is refused.
 *
 * @param sought what {@link seekTarget} is looking up
 * @throws FST_IMPERSONATE_UNAVAILABLE
 */
export async function recognise (
  core: Core, request: FastifyRequest, real: User | null, row: LogRow | null,
  sought?: Promise<User | null | undefined>, round = 1
): Promise<Recognised> {
  const { settings, state } = core

  if (row === null) return real === null ? { is: 'worthless' } : { is: 'over', over: { row: null, reason: null } }

  if (isTargetSignedIn(settings, real, row)) {
    signTargetOut(settings, request, row)
    const reason = 'target_signed_in'
    if (row.sessionEndedAt === null) await state.close(row, { reason, at: new Date(settings.now()) }, { request })
    return { is: 'over', over: { row, reason } }
  }
  if (real === null || !isTheirs(settings, request, real, row)) {
    if (row.sessionEndedAt === null) await state.close(row, await endingWithout(core, real, row), { request })
    // The same person under a new sign-in's id: their page believed that it was the target's, so it is told.
    const isSamePerson = real !== null && settings.idOf(real) === row.impersonatorId
    return isSamePerson ? await found(core, request, real, row, 'logout', round) : { is: 'worthless' }
  }
  if (row.sessionEndedAt !== null) return { is: 'over', over: { row, reason: row.endReason } }

  const { ending, target } = await judge(core, request, real, row, sought)
  if (ending === null) return { is: 'running', row, real, target }

  const isOurs = await state.close(row, ending, { request, impersonator: real, impersonating: target })
  return isOurs ? { is: 'over', over: { row, reason: ending.reason } } : await found(core, request, real, row, ending.reason, round)
}

/**
 * Where somebody else was first, their ending is the one that counts; or it goes on, as another request was seen in
 * time.
 */
async function found (
  core: Core, request: FastifyRequest, real: User, row: LogRow, reason: EndReason, round: number
): Promise<Recognised> {
  const now = await core.state.find(request)
  if (typeof now === 'string') return { is: 'over', over: { row, reason } }
  if (now.sessionEndedAt !== null) return { is: 'over', over: { row: now, reason: now.endReason } }
  if (round === MOST_ROUNDS) throw new FST_IMPERSONATE_UNAVAILABLE('the log reads otherwise than it is written')
  return await recognise(core, request, real, now, undefined, round + 1)
}

type Verdict = { ending: null, target: User } | { ending: Ending, target: User | null }

/** Whether an open row may go on for the person who started it. */
async function judge (
  { settings, policy, users }: Core, request: FastifyRequest, real: User, row: LogRow,
  sought?: Promise<User | null | undefined>
): Promise<Verdict> {
  const now = settings.now()
  const over = (reason: EndReason, target: User | null = null): Verdict => {
    return { ending: { reason, at: new Date(now) }, target }
  }

  const late = overdue(settings, row, now)
  if (late !== null) return { ending: late, target: null }

  if (!settings.isActive(real)) return over('impersonator_inactive')
  if (!await policy.mayImpersonate(request, real)) return over('impersonator_denied')

  const soughtAlready = await sought
  const inScope = soughtAlready === undefined
    ? await users.find(row.impersonatingId, await policy.scopeOf(request))
    : soughtAlready
  // A look-up without scope tells what happened to somebody who is not in it any more.
  const target = inScope ?? await users.find(row.impersonatingId)
  if (target === null) return over('target_deleted')
  if (!settings.isActive(target)) return over('target_inactive', target)
  if (inScope === null || refusalOf(settings, real, target) !== null) return over('target_denied', target)
  return { ending: null, target }
}

/** Whether the key comes with the sign-in that started: under any other it is worthless. */
function isTheirs (settings: Settings, request: FastifyRequest, real: User, row: LogRow): boolean {
  const id = settings.idOf(real)
  return row.sessionEndedAt === null ? goesWith(row, id, settings.signInId(request)) : row.impersonatorId === id
}

/** How an open row ends where its impersonator's sign-in is gone. */
async function endingWithout ({ settings, users }: Core, real: User | null, row: LogRow): Promise<Ending> {
  const at = new Date(settings.now())
  if (real !== null) return { reason: 'logout', at }
  const impersonator = await users.find(row.impersonatorId)
  if (impersonator === null) return { reason: 'impersonator_deleted', at }
  return { reason: settings.isActive(impersonator) ? 'logout' : 'impersonator_inactive', at }
}

/** How a row that is being stopped really ends: a deadline or a sign-out may have come before. */
export async function endingOfStop (
  core: Core, request: FastifyRequest, real: User | null | undefined, row: LogRow
): Promise<Ending> {
  const { settings } = core
  const late = overdue(settings, row, settings.now())
  if (late !== null) return late
  if (isTargetSignedIn(settings, real, row)) return { reason: 'target_signed_in', at: new Date(settings.now()) }
  const isElses = real === null || (real !== undefined && !isTheirs(settings, request, real, row))
  if (isElses) return await endingWithout(core, real, row)
  return { reason: 'stopped', at: new Date(settings.now()), by: { id: row.impersonatorId, name: row.impersonatorName } }
}
