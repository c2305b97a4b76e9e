import type { FastifyRequest } from 'fastify'
import type { Awaitable } from '../../types/awaitable.js'
import type { CookieOptions, User, UserSource } from '../../types/index.js'
import * as is from '../checks.js'
import { checkCookie, readCookie, type CookieSettings } from '../cookie.js'
import { option } from '../option.js'

// A name of its own: a bare UserSource would be emitted with DefaultUser, whatever users the application registers.
interface OwnUserSource extends UserSource {}

/** Where users come from, who is signed in, and what is read of a user. Those about one user are sync. */
export const users = {
  /**
   * Where users come from: `prismaUsers(model)`, `memoryUsers(array)`, or an object of your own with `findById` and
   * `findPage`.
   * @default `prismaUsers(prisma.user)` where there is one
   */
  users: option<OwnUserSource>(is.aUserSource),
  /**
   * `(request) => user`: who is really signed in, called once a request. `null` is signed out; `undefined` is "this
   * request cannot tell": it runs as nobody.
   * @default the user whose id is in `session.userId`
   */
  getRealUser: option<(request: FastifyRequest) => Awaitable<User | null | undefined>>(is.aFunction),
  /**
   * `(request) => string | null`, stable for one sign-in, such as a JWT's `sid`; never a raw cookie or token, which
   * rotate. Sync.
   * @default `session.sessionId` where there is one
   */
  signInId: option<(request: FastifyRequest) => string | null>(is.aFunction),
  /**
   * `(user) => boolean`; a target of whom it cannot be told is refused. Sync.
   * @default the field of that name
   */
  isSuperuser: option<(user: User) => boolean>(is.aFunction),
  /** `(user) => boolean`. Sync. @default the field of that name */
  isStaff: option<(user: User) => boolean>(is.aFunction),
  /** `(user) => boolean`. Sync. @default true unless the field of that name is `false` */
  isActive: option<(user: User) => boolean>(is.aFunction),
  /** `(user) => id`. Sync. @default user.id */
  userId: option<(user: User) => string | number | bigint>(is.aFunction),
  /** `(user) => string`. Sync. @default the full name, else the username, else the email, else the id */
  displayName: option<(user: User) => string>(is.aFunction),
  /**
   * The plugin's cookie: no stricter and no narrower than the sign-in's. Always HttpOnly and without a lifetime; over
   * https its name gets `__Host-`. `partitioned: true` is for pages within those of other sites, `domain` shares it
   * with subdomains (then the name gets `__Secure-`). A start whose cookie the browser would drop is refused (422).
   * @default { name: 'impersonation', path: '/', sameSite: 'lax', secure: 'auto' }
   */
  cookie: option<CookieOptions, CookieSettings>(checkCookie, {}, readCookie)
}
