import type { FastifyRequest } from 'fastify'
import type { EndReason, ImpersonationLog } from './log.js'
import type { User } from './user.js'

/** What audit hooks and the diagnostics channels are given. */
export interface SessionEvent {
  /** Null at an end that nobody's request brought about, or where the person is gone. */
  impersonator: User | null
  impersonating: User | null
  request: FastifyRequest | null
  /** The row: ids and names are always there. */
  log: Readonly<ImpersonationLog>
  /** Null at the start. */
  endReason: EndReason | null
}

/**
 * An audit hook. One that throws at the start stops the start; at the end it is logged and changes nothing. End hooks
 * run at least once: again, in the next sweep of any process, where the one that ran them was killed. `log.id` tells
 * which end it is.
 */
export type SessionHook = (event: SessionEvent) => void | Promise<void>
