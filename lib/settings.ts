import type { FastifyRequest } from 'fastify'
import type { Language } from './messages/language.js'
import type { BannerOptions, Person, RequireReason, User, UserSource } from './types/index.js'

/** What the plugin has to know about a user, by the options or the fields of the usual names. */
export interface People {
  idOf (user: User): string
  nameOf (user: User): string
  personOf (user: User): Person
  isActive (user: User): boolean
  isStaff (user: User): boolean
  isSuperuser (user: User): boolean
  /** Whether `isSuperuser` gives a clear answer; a user of whom it cannot be told is never a target. */
  isSuperuserKnown (user: User): boolean
}

/** The option `requireReason`, with its defaults. */
export interface ReasonRules {
  minLength: number
  validate: RequireReason['validate']
}

/**
 * Every option with its default, checked: what the rest of the plugin reads. lib/options/table.ts adds those that
 * depend on one option alone; these here depend on more.
 */
export interface Settings extends People {
  /** Below the scope's own prefix; with a leading and without a trailing slash. */
  readonly prefix: string
  /**
   * The whole path of the plugin's pages as browsers see it: `publicPrefix`, the scope's prefix and the plugin's own.
   */
  readonly base: string
  readonly users: UserSource
  readonly searchFields: readonly string[]
  readonly signInId: (request: FastifyRequest) => string | null
  readonly hasOwnSignInId: boolean
  /** The option `messages`, ready for use. */
  readonly language: Language
  readonly banner: Readonly<Required<BannerOptions>> | false
}
