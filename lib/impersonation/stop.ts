import type { FastifyReply, FastifyRequest } from 'fastify'
import type { LogRow } from '../log/store.js'
import { activeRow, knownRealUser } from '../overlay/overlay.js'
import type { Claimed } from '../state/state.js'
import type { Stopped, User } from '../types/index.js'
import type { Core } from './core.js'
import { endingOfStop } from './recognise.js'
import { isTargetSignedIn, signTargetOut } from './target-signed-in.js'

/**
 * Stops what this request claims to run under. Always works: whatever fails, the browser is let out, and the row is
 * closed as soon as the log is back. Never throws.
 */
export async function stopImpersonation (core: Core, request: FastifyRequest, reply: FastifyReply): Promise<Stopped> {
  const { state } = core
  const real = knownRealUser(request)
  const source = { request, impersonator: real ?? null }
  const claimed = await whatItClaims(core, request)

  if (typeof claimed !== 'string') {
    if (claimed.sessionEndedAt === null) {
      await state.closeSurely(claimed, await endingOf(core, request, claimed), source)
    }
  } else if (claimed === 'unreadable') {
    await closeUnread(core, request, real)
  }
  if (claimed !== 'nothing') state.forget(request, reply)
  const row = typeof claimed === 'string' ? null : claimed
  return { user: whoGoesOn(core, request, row), returnTo: row?.returnTo ?? null }
}

/** The real user, from here on. Whoever cannot be told by an id is nobody, and the target is no real user. */
function whoGoesOn ({ settings }: Core, request: FastifyRequest, row: LogRow | null): User | null {
  const real = knownRealUser(request) ?? null
  try {
    if (real !== null) settings.idOf(real)
    if (row === null || !isTargetSignedIn(settings, real, row)) return real
    signTargetOut(settings, request, row)
  } catch (err) {
    request.log.error({ err }, 'fastify-impersonate: it cannot be told who is signed in; stopping all the same')
  }
  return null
}

async function whatItClaims ({ state }: Core, request: FastifyRequest): Promise<Claimed | 'unreadable'> {
  const running = activeRow(request)
  if (running !== null) return running
  if (!state.mayBeClaimed(request)) return 'nothing'
  try {
    return await state.find(request)
  } catch {
    return 'unreadable'
  }
}

/** Keys may be made up while nobody can look: only those are kept that somebody has who may have started. */
async function closeUnread (
  { settings, policy, state }: Core, request: FastifyRequest, real: User | null | undefined
): Promise<void> {
  if (real === null) return
  const mayBeTheirs = real === undefined || await policy.mayImpersonate(request, real).catch(() => true)
  const personId = real === undefined ? undefined : settings.idOf(real)
  if (mayBeTheirs) state.closeUnread(request, { reason: 'stopped', at: new Date(settings.now()) }, personId)
}

async function endingOf (core: Core, request: FastifyRequest, row: Exclude<Claimed, string>) {
  try {
    return await endingOfStop(core, request, knownRealUser(request), row)
  } catch (err) {
    request.log.error({ err }, 'fastify-impersonate: the users are not there; stopping all the same')
    return { reason: 'stopped' as const, at: new Date(core.settings.now()), by: null }
  }
}
