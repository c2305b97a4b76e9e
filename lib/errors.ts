import createError from '@fastify/error'

/** An option is unknown, of a wrong type or in conflict with another: says which, what it got and what it takes. */
export const FST_IMPERSONATE_INVALID_OPTION = createError<[string]>('FST_IMPERSONATE_INVALID_OPTION', '%s', 500, TypeError)

/** @fastify/cookie is not there yet. */
export const FST_IMPERSONATE_MISSING_COOKIE = createError('FST_IMPERSONATE_MISSING_COOKIE',
  'Register @fastify/cookie before fastify-impersonate: await app.register(cookie)', 500)

/** There is no `request.session` yet, and an option or a default needs it. */
export const FST_IMPERSONATE_MISSING_SESSION = createError<[string]>('FST_IMPERSONATE_MISSING_SESSION',
  'Register @fastify/session or @fastify/secure-session before fastify-impersonate, %s', 500)

/** An optional package that these options need is not installed. */
export const FST_IMPERSONATE_MISSING_PACKAGE = createError<[string, string]>('FST_IMPERSONATE_MISSING_PACKAGE',
  'The database of fastify-impersonate needs a package that is not installed: npm install %s (or give the option "prisma" your own PrismaClient%s)', 500)

/** The embedded database cannot be opened or brought up to date. */
export const FST_IMPERSONATE_DATABASE = createError<[string, ErrorOptions?]>('FST_IMPERSONATE_DATABASE', '%s', 500)

/** Nobody is signed in. */
export const FST_IMPERSONATE_NOT_AUTHENTICATED = createError('FST_IMPERSONATE_NOT_AUTHENTICATED',
  'Sign in first', 401)

/** This person may not impersonate, or not see this page. */
export const FST_IMPERSONATE_FORBIDDEN = createError('FST_IMPERSONATE_FORBIDDEN',
  'You may not do this', 403)

/** The user is unknown, out of scope, a superuser, inactive or oneself; the server's log says which. */
export const FST_IMPERSONATE_TARGET_NOT_FOUND = createError('FST_IMPERSONATE_TARGET_NOT_FOUND',
  'There is no such user whom you may impersonate', 404)

/** An impersonation runs already: stop it first. */
export const FST_IMPERSONATE_ALREADY_ACTIVE = createError('FST_IMPERSONATE_ALREADY_ACTIVE',
  'Stop the impersonation that is running first', 409)

/** The request found its impersonation over; it was not run. `endReason` says why, null where the key is unknown. */
export const FST_IMPERSONATE_ENDED = createError<[string]>('FST_IMPERSONATE_ENDED',
  'The impersonation is over (%s), so this request was not run', 409)

/** A write while the impersonation is read-only. */
export const FST_IMPERSONATE_READ_ONLY = createError('FST_IMPERSONATE_READ_ONLY',
  'This impersonation is read-only: only GET, HEAD and OPTIONS are allowed', 405)

/** The route's `config.impersonation` is `deny`. */
export const FST_IMPERSONATE_ROUTE_DENIED = createError('FST_IMPERSONATE_ROUTE_DENIED',
  'This is not possible while impersonating', 403)

/** The reason of a start is missing, too short, too long or refused by `requireReason.validate`, whose words the message then is. */
export const FST_IMPERSONATE_REASON_REQUIRED = createError<[string]>('FST_IMPERSONATE_REASON_REQUIRED', '%s', 422)

/** The page that sent this request was made while somebody else was seen; it was not run. */
export const FST_IMPERSONATE_STALE_PAGE = createError('FST_IMPERSONATE_STALE_PAGE',
  'The page that sent this was made while the application was seen as somebody else, so it was not run', 409)

/** The options do not allow this change of the log. */
export const FST_IMPERSONATE_LOG_READ_ONLY = createError<[string]>('FST_IMPERSONATE_LOG_READ_ONLY',
  'The log may not be changed like this: see the option %s', 405)

/** There is no such log entry. */
export const FST_IMPERSONATE_LOG_NOT_FOUND = createError('FST_IMPERSONATE_LOG_NOT_FOUND',
  'There is no such log entry', 404)

/** An impersonation that still runs can be neither changed nor deleted. */
export const FST_IMPERSONATE_LOG_OPEN = createError('FST_IMPERSONATE_LOG_OPEN',
  'This impersonation is still running, and its log entry cannot be changed before it has ended', 409)

/** The address is one of the plugin's pages, which does not take this method. */
export const FST_IMPERSONATE_METHOD_NOT_ALLOWED = createError('FST_IMPERSONATE_METHOD_NOT_ALLOWED',
  'This address does not take this method', 405)

/** A parameter, query field or body field does not fit: says which and what it takes. */
export const FST_IMPERSONATE_INVALID_INPUT = createError<[string]>('FST_IMPERSONATE_INVALID_INPUT', '%s', 400)

/** The request came from a page of another site. */
export const FST_IMPERSONATE_CROSS_SITE = createError('FST_IMPERSONATE_CROSS_SITE',
  'This request came from another site', 403)

/** Users, log or a hook failed or took longer than `timeout`; the cause is in the server's log. */
export const FST_IMPERSONATE_UNAVAILABLE = createError<[string, ErrorOptions?]>('FST_IMPERSONATE_UNAVAILABLE',
  'Impersonation is not available right now: %s', 503)

/** A begin hook threw: nothing was started. Has the hook's own statusCode where it gave one. */
export const FST_IMPERSONATE_ABORTED = createError<[ErrorOptions?]>('FST_IMPERSONATE_ABORTED',
  'The start was stopped by the application', 500)

/** A template cannot be rendered; the cause is in the server's log. */
export const FST_IMPERSONATE_TEMPLATE = createError<[string, ErrorOptions?]>('FST_IMPERSONATE_TEMPLATE',
  'The template %s is broken', 500)
