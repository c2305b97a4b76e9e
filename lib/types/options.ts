import type {} from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import type { User } from './user.js'
import type { Awaitable } from './awaitable.js'

/** The plugin's own cookie. Always HttpOnly, unsigned and without a lifetime. */
export interface CookieOptions {
  /**
   * Over https it gets the prefix `__Host-` where the path is `/`; with a `domain` the prefix `__Secure-`.
   * @default 'impersonation'
   */
  name?: string
  /** No narrower than the sign-in's cookie. @default '/' */
  path?: string
  /**
   * No stricter than the sign-in's cookie. Browsers keep `'none'` over https alone, and nothing else where a page of
   * another site starts by a script. A start whose cookie would be dropped is refused (422).
   * @default 'lax'
   */
  sameSite?: 'lax' | 'strict' | 'none'
  /** `'auto'`: by `request.protocol`. @default 'auto' */
  secure?: boolean | 'auto'
  /**
   * Adds `Partitioned`: kept apart for each site whose pages hold the application in a frame or fetch from it. Needs
   * https, and makes sense with `sameSite: 'none'`.
   * @default false
   */
  partitioned?: boolean
  /** Shares the cookie with all subdomains of this host, such as `example.com`. @default this host alone */
  domain?: string
}

/** What a reason has to be. */
export interface RequireReason {
  /** In characters, without the white space around it. @default 1 */
  minLength?: number
  /**
   * Called last, when everything else allows the start: true, or what to tell. What it throws, or no answer within
   * `timeout`, is a 503.
   */
  validate?: (
    reason: string, people: { request: FastifyRequest, impersonator: User, impersonating: User }
  ) => Awaitable<boolean | string>
}

/** The strip that says, in the application's pages, whom one sees and who one is. */
export interface BannerOptions {
  /**
   * In the flow at the top of the page, or at the bottom of the window. First by keyboard in either case.
   * @default 'top'
   */
  position?: 'top' | 'bottom'
  /** What screen readers call it. @default 'Impersonation' */
  label?: string
  /** Pages within frames have one of their own. @default true */
  frames?: boolean
  /** A small script keeps the time left right; all else needs none. @default true */
  script?: boolean
}
