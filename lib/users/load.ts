import type { FastifyBaseLogger } from 'fastify'
import { FST_IMPERSONATE_UNAVAILABLE } from '../errors.js'
import type { User, UserPage, UserQuery, UserSource } from '../types/index.js'
import { within } from '../within.js'
import { copyOf } from './copy.js'

/**
 * The user source as the rest of the plugin sees it: never longer than `timeout`, never somebody else, never rubbish.
 */
export interface Users {
  find (id: string, scope?: unknown): Promise<User | null>
  page (query: UserQuery): Promise<UserPage<User>>
}

/** What it takes of the options. */
interface Source {
  users: UserSource
  timeout: number
  idOf (user: User): string
}

export function createUsers ({ users, timeout, idOf }: Source, logger: FastifyBaseLogger): Users {
  return {
    async find (id, scope) {
      const user: unknown = await within(timeout, 'the users did not answer', () => users.findById(id, scope))
      if (user === null || user === undefined) return null
      if (!isUser(user)) throw new FST_IMPERSONATE_UNAVAILABLE('the users answered with something that is no user')
      // The source may keep what it returned, or give it to others as well.
      if (idOf(user) === id) return copyOf(user) ?? user
      logger.warn('fastify-impersonate: a user was found by an id that is not the user\'s own, and so not used: "userId" and findById have to mean the same')
      return null
    },

    async page (query) {
      const page: unknown = await within(timeout, 'the users did not answer', () => users.findPage(query))
      if (!isPage(page)) throw new FST_IMPERSONATE_UNAVAILABLE('the users answered with something that is no page of users')
      return page
    }
  }
}

function isUser (value: unknown): value is User {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPage (value: unknown): value is UserPage<User> {
  return typeof value === 'object' && value !== null && 'users' in value && Array.isArray(value.users) && value.users.every(isUser) &&
    'count' in value && typeof value.count === 'number' && 'hasNext' in value
}
