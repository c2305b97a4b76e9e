import type { FastifyReply, FastifyRequest } from 'fastify'
import { sessionMarks, setInSave, webSession } from '../http/web-session.js'
import { field } from '../is.js'

/** How long a request may wait for its session to be read, and how many changes are remembered for such ones. */
const LIFETIME = 60_000
const MOST_CHANGES = 1000

interface Change {
  value: unknown
  /** Who makes it, until its session has been saved. */
  by: FastifyRequest | null
  at: number
  /** From then on every request reads a session that has it. */
  settledAt: number
}

/**
 * One field of the web sessions of requests under way. Both session plugins may save the whole session as a request
 * has read it, however long ago: what another request of this process has changed in the field meanwhile is put in.
 */
export function createUnderWay (name: string) {
  const underWay = new Map<string, Set<FastifyRequest>>()
  const marks = new WeakMap<FastifyRequest, Set<string>>()
  /** What requests have read, where what they will save is something else. */
  const read = new WeakMap<FastifyRequest, unknown>()
  const changes = new Map<string, Change>()

  function mark (request: FastifyRequest, marked: string[]): void {
    const own = marks.get(request) ?? new Set()
    marks.set(request, own)
    for (const each of marked) {
      own.add(each)
      underWay.set(each, (underWay.get(each) ?? new Set()).add(request))
    }
  }

  function amend (request: FastifyRequest, value: unknown): void {
    const session = webSession(request)
    if (session === undefined) return
    if (!read.has(request)) read.set(request, session.get(name))
    setInSave(session, name, value)
    mark(request, marksOf(value))
  }

  function remember (key: string, change: Change): void {
    changes.delete(key)
    changes.set(key, change)
    for (const [old, { at }] of changes) {
      if (changes.size <= MOST_CHANGES && change.at - at < LIFETIME) break
      changes.delete(old)
    }
  }

  function leave (request: FastifyRequest): void {
    for (const each of marks.get(request) ?? []) {
      const others = underWay.get(each)
      others?.delete(request)
      if (others?.size === 0) underWay.delete(each)
      const change = changes.get(each)
      if (change?.by === request) Object.assign(change, { by: null, settledAt: performance.now() })
    }
    marks.delete(request)
  }

  return {
    /** What this request has read, or has itself written since. */
    read: (request: FastifyRequest): unknown =>
      read.has(request) ? read.get(request) : webSession(request)?.get(name),

    /** False where there is no web session. */
    write (request: FastifyRequest, value: unknown): boolean {
      const session = webSession(request)
      if (session === undefined) return false
      session.set(name, value)
      setInSave(session, name, value)
      read.delete(request)
      const change = { value, by: request, at: performance.now(), settledAt: Infinity }
      for (const each of marks.get(request) ?? []) {
        remember(each, change)
        underWay.get(each)?.forEach(other => { if (other !== request) amend(other, value) })
      }
      return true
    },

    /** For every request, before its session is looked at. */
    enter (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
      const session = webSession(request)
      const marked = session === undefined ? [] : [...sessionMarks(request), ...marksOf(session.get(name))]
      if (marked.length > 0) {
        mark(request, marked)
        // A browser that goes away has no response.
        reply.raw.once('close', () => { leave(request) })
        // It may have read its session before somebody else saved a change of it.
        const arrivedAt = performance.now() - reply.elapsedTime
        const [change] = marked.flatMap(each => changes.get(each) ?? [])
          .filter(({ settledAt }) => arrivedAt < settledAt)
          .sort((a, b) => b.at - a.at)
        if (change !== undefined) amend(request, change.value)
      }
      done()
    },

    /** For every response. */
    leave (request: FastifyRequest, reply: FastifyReply, done: () => void): void {
      leave(request)
      done()
    }
  }
}

/** Whoever has read the same impersonation has read the same session, whichever of its cookies came along. */
function marksOf (value: unknown): string[] {
  const id: unknown = field(value, 'id')
  return typeof id === 'string' ? [`id:${id}`] : []
}
