/**
 * Fill this with your application's own user type; unions work.
 *
 * @example
 * declare module 'fastify-impersonate' {
 *   interface Register { user: Customer | Employee }
 * }
 */
export interface Register {}

/** A user as long as {@link Register} says nothing else: the fields that the default options look at. */
export interface DefaultUser {
  id: string | number | bigint
  username?: string | null
  firstName?: string | null
  lastName?: string | null
  email?: string | null
  isSuperuser?: boolean
  isStaff?: boolean
  isActive?: boolean
}

/** The application's user: what {@link Register} says. */
export type User = Register extends { user: infer Registered } ? Registered : DefaultUser

/** What `request.user` carries while impersonating. Both properties are non-enumerable. */
export interface Impersonated {
  readonly isImpersonate?: true
  readonly impersonator?: User
}

/** A person in JSON answers. */
export interface Person {
  id: string
  name: string
}
