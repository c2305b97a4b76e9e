import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Ending, LogRow } from '../log/store.js'
import type { Dropped } from './dropped.js'
import type { EventSource } from './events.js'

/** What a request claims to run under: nothing, something nobody knows, or this row, open or ended. */
export type Claimed = 'nothing' | 'unknown' | LogRow

/**
 * Where the state of impersonations is: the log's rows behind the plugin's cookie or, without a log, the web session.
 */
export interface State {
  /** Whether a request may claim an impersonation. For every request: no work, no allocation. */
  mayBeClaimed (request: FastifyRequest): boolean
  /** @throws FST_IMPERSONATE_UNAVAILABLE */
  find (request: FastifyRequest): Promise<Claimed>
  /** Why this browser could not claim what it is given; null where it can. */
  whyDropped (request: FastifyRequest): Dropped | null
  /**
   * Records an open row before anything starts. The row of an earlier start of the same sign-in ends as `replaced`.
   *
   * @throws FST_IMPERSONATE_UNAVAILABLE, and then nothing stays open
   */
  open (row: LogRow, source: EventSource): Promise<void>
  /** From the next request on the browser claims this impersonation. */
  give (request: FastifyRequest, reply: FastifyReply, row: LogRow, key: string): void
  /** From the next request on the browser claims nothing. */
  forget (request: FastifyRequest, reply: FastifyReply): void
  /**
   * Ends an impersonation and runs the end hooks; false where somebody else has ended it.
   *
   * @throws FST_IMPERSONATE_UNAVAILABLE
   */
  close (row: LogRow, ending: Ending, source: EventSource): Promise<boolean>
  /** Ends an impersonation now, or as soon as that can be done, and treats it as ended meanwhile. Never throws. */
  closeSurely (row: LogRow, ending: Ending, source: EventSource): Promise<void>
  /**
   * The same for what a request claims, where its row could not be read.
   *
   * @param personId who is signed in; undefined where that cannot be read either
   */
  closeUnread (request: FastifyRequest, ending: Ending, personId: string | undefined): void
  /**
   * Notes that a row is in use, at its interval. The first use is waited for: what nobody has used is not in force for
   * long.
   *
   * @param isActivity whether it keeps the row from being idle
   */
  see (row: LogRow, isActivity: boolean): Promise<void> | void
  /**
   * Closes what is past a deadline, and reports the ends that nobody has reported; resolves to how many this call
   * closed.
   *
   * @throws FST_IMPERSONATE_UNAVAILABLE
   */
  sweep (): Promise<number>
}
