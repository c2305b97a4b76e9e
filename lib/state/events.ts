import { channel } from 'node:diagnostics_channel'
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_ABORTED } from '../errors.js'
import { field } from '../is.js'
import { withoutKeys, type LogRow } from '../log/store.js'
import type { Settings } from '../settings.js'
import type { SessionEvent, SessionHook, User } from '../types/index.js'
import type { Users } from '../users/load.js'
import { NoAnswer, within } from '../within.js'

const beginChannel = channel('fastify-impersonate:session-begin')
const endChannel = channel('fastify-impersonate:session-end')

type HookName = 'onSessionBegin' | 'onSessionEnd'

/** Who and what an event is about, as far as it is known where it happens; what is missing is looked up. */
export interface EventSource {
  request: FastifyRequest | null
  impersonator?: User | null | undefined
  impersonating?: User | null | undefined
}

/** The audit hooks and diagnostics channels. */
export interface AuditHooks {
  /** One more, run after those that came before. @throws TypeError where it is no function, or there is no such hook */
  add (name: HookName, hook: SessionHook): void
  /** @throws FST_IMPERSONATE_ABORTED or FST_IMPERSONATE_UNAVAILABLE: the start must not go on */
  begin (row: LogRow, source: EventSource): Promise<void>
  /** Whether anybody is told of an end. */
  areHeard (): boolean
  /** Never throws: what has ended has ended. */
  end (row: LogRow, source: EventSource): Promise<void>
}

export function createAuditHooks (settings: Settings, users: Users, logger: FastifyBaseLogger): AuditHooks {
  const { timeout } = settings
  const begins = listOf(settings.onSessionBegin)
  const ends = listOf(settings.onSessionEnd)
  const lists = new Map([['onSessionBegin', begins], ['onSessionEnd', ends]])

  async function lookUp (id: string): Promise<User | null> {
    try {
      return await users.find(id)
    } catch (err) {
      logger.warn({ err }, 'fastify-impersonate: the users are not there, so an end hook gets null for a person')
      return null
    }
  }

  /** By the application's own logger: a route that is to be silent keeps nothing out of it. */
  function note (row: LogRow, { request }: EventSource, more: object, message: string): void {
    const { id: impersonationId, impersonatorId, impersonatingId: userId } = row
    logger.info({ reqId: request?.id, impersonationId, impersonatorId, userId, ...more }, message)
  }

  return {
    add (name, hook) {
      if (typeof hook !== 'function') throw new TypeError(`addHook('${name}', …) takes a function`)
      const list = lists.get(name)
      if (list === undefined) throw new TypeError('addHook takes onSessionBegin or onSessionEnd')
      list.push(hook)
    },

    async begin (row, source) {
      const event = eventOf(row, source)
      for (const hook of begins) {
        // What it throws is the application's no, with its own status; only silence makes the hook unavailable.
        const outcome = await within(timeout, 'the hook onSessionBegin did not answer', () => hook(event)).then(
          () => null, (error: Error) => error)
        if (outcome !== null) throw aborted(outcome)
      }
      note(row, source, {}, 'fastify-impersonate: an impersonation has begun')
      beginChannel.publish(event)
    },

    areHeard: () => ends.length > 0 || endChannel.hasSubscribers,

    async end (row, source) {
      const { endReason, endedById: byId } = row
      note(row, source, { endReason, byId }, 'fastify-impersonate: an impersonation has ended')
      if (ends.length === 0 && !endChannel.hasSubscribers) return
      const event = eventOf(row, {
        request: source.request,
        impersonator: source.impersonator ?? await lookUp(row.impersonatorId),
        impersonating: source.impersonating ?? await lookUp(row.impersonatingId)
      })
      for (const hook of ends) {
        try {
          await within(timeout, 'the hook onSessionEnd failed', () => hook(event))
        } catch (err) {
          const about = { err, impersonationId: row.id }
          logger.error(about, 'fastify-impersonate: a hook onSessionEnd failed, which changes nothing')
        }
      }
      endChannel.publish(event)
    }
  }
}

function listOf (hook: SessionHook | undefined): SessionHook[] {
  return hook === undefined ? [] : [hook]
}

function eventOf (row: LogRow, { request, impersonator, impersonating }: EventSource): SessionEvent {
  const log = Object.freeze(withoutKeys(row))
  const people = { impersonator: impersonator ?? null, impersonating: impersonating ?? null }
  return { ...people, request, log, endReason: log.endReason }
}

function aborted (outcome: Error): Error {
  const { cause } = outcome
  if (cause instanceof NoAnswer) return outcome
  const error = new FST_IMPERSONATE_ABORTED({ cause })
  const status = field(cause, 'statusCode')
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 400 || status > 599) return error
  error.statusCode = status
  // With such a status the application refuses, and says why to people; else it broke. Of http-errors `expose` says so
  // too.
  const words = field(cause, 'message')
  const isForPeople = status < 500 && typeof words === 'string' && words.trim() !== '' && field(cause, 'expose') !== false
  if (!isForPeople) return error
  error.message = `${error.message}: ${words}`
  return Object.assign(error, { words })
}
