import type { FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { FST_IMPERSONATE_UNAVAILABLE } from '../errors.js'
import { webSession } from '../http/web-session.js'
import { kindOf } from '../is.js'
import type { User } from '../types/index.js'
import { within } from '../within.js'

/** Who is really signed in: null is nobody, undefined is "this request cannot tell". */
export type MaybeUser = User | null | undefined

const WHAT = 'the signed-in user could not be read'

/** Asks the application, once a request, in whichever of a promise's three ways it answers. */
export function createRealUserReader (context: Context) {
  const { timeout, getRealUser } = context.settings
  const signedIn = signedInUser(context)

  return {
    /** @param before what the plugin's own way of asking waits for */
    ask (request: FastifyRequest, before?: Promise<unknown>): MaybeUser | PromiseLike<MaybeUser> {
      try {
        return getRealUser === undefined ? signedIn(request, before) : getRealUser(request)
      } catch (error) {
        return Promise.reject(error)
      }
    },

    /** @throws FST_IMPERSONATE_UNAVAILABLE */
    async inTime (asked: MaybeUser | PromiseLike<MaybeUser>): Promise<MaybeUser> {
      const real: unknown = await within(timeout, WHAT, async () => await asked)
      if (!isMaybeUser(real)) throw noUser(real)
      return real
    }
  }
}

/** The default `getRealUser`: the user whose id is in the web session. */
function signedInUser ({ users }: Context) {
  return (request: FastifyRequest, before?: Promise<unknown>): MaybeUser | Promise<MaybeUser> => {
    const session = webSession(request)
    if (session === undefined) return undefined
    const id = session.get('userId')
    if (id === undefined || id === null) return null
    return before === undefined ? users.find(String(id)) : before.then(() => users.find(String(id)))
  }
}

/** What an application's function returns may be anything. */
export function isMaybeUser (value: unknown): value is MaybeUser {
  return value === undefined || (typeof value === 'object' && !Array.isArray(value))
}

/** Also Prisma's promises, which are none of Promise's. */
export function isThenable (value: MaybeUser | PromiseLike<MaybeUser>): value is PromiseLike<MaybeUser> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Often the id of the session: who has it is for the application to look up. */
export function noUser (given: unknown): Error {
  return new FST_IMPERSONATE_UNAVAILABLE(
    `"getRealUser" returned ${kindOf(given)} and not a user; ` +
    'it returns the user itself, such as users.findById(id), or null'
  )
}

export function unreadable (cause: unknown): Error {
  return cause instanceof FST_IMPERSONATE_UNAVAILABLE ? cause : new FST_IMPERSONATE_UNAVAILABLE(WHAT, { cause })
}
