import createError, { type FastifyErrorConstructor } from '@fastify/error'

// Each error says its type. One that is left to TypeScript names a namespace that `moduleResolution: bundler` does not
// find.
/** An error, and what its message and cause are made of. */
type Coded<Given extends unknown[] = []> = FastifyErrorConstructor<{ code: string, statusCode: number }, Given>

/**
 * An option is unknown, of a wrong type, missing, or in conflict with another; or a route's `config.impersonation` is
 * none.
 *
 * Cure: The message names the option, what it got and what it takes. Nothing has been registered yet.
 */
export const FST_IMPERSONATE_INVALID_OPTION: Coded<[string]> = createError('FST_IMPERSONATE_INVALID_OPTION',
  '%s', 500, TypeError)

/**
 * The plugin keeps the key of an impersonation in a cookie, and there is no `reply.setCookie` yet.
 *
 * Cure: `await app.register(cookie)` before the plugin, in the same scope or one around it.
 */
export const FST_IMPERSONATE_MISSING_COOKIE: Coded = createError('FST_IMPERSONATE_MISSING_COOKIE',
  'Register @fastify/cookie before fastify-impersonate: await app.register(cookie)', 500)

/**
 * There is no `request.session` yet, and the default `getRealUser` or `disableLogging` needs it.
 *
 * Cure: Register @fastify/session or @fastify/secure-session before the plugin; or say with `getRealUser` who is signed
 * in.
 */
export const FST_IMPERSONATE_MISSING_SESSION: Coded<[string]> = createError('FST_IMPERSONATE_MISSING_SESSION',
  'Register @fastify/session or @fastify/secure-session before fastify-impersonate, %s', 500)

/**
 * The plugin is registered a second time in one application, with the log, the cookie or the web session of the first.
 * What somebody starts under one would count for whoever has the same id under the other.
 *
 * Cure: Register it once, in a scope around all routes; or give two audiences two logs and two cookies, as the message
 * says.
 */
export const FST_IMPERSONATE_ALREADY_REGISTERED: Coded<[string]> = createError('FST_IMPERSONATE_ALREADY_REGISTERED',
  'The plugin fastify-impersonate is already registered in this application with %s', 500)

/**
 * The log's database needs a package that was left out, by `--omit=optional` or because PostgreSQL's adapter comes only
 * when asked for.
 *
 * Cure: Run the command in the message; or give `prisma`, with a client of your own.
 */
export const FST_IMPERSONATE_MISSING_PACKAGE: Coded<[string, string]> = createError('FST_IMPERSONATE_MISSING_PACKAGE',
  'The database of fastify-impersonate needs a package that is not installed: npm install %s (or give the option "prisma" your own PrismaClient%s)', 500)

/**
 * The plugin's templates, stylesheets and migrations are not beside its code: a bundler has taken the code alone.
 *
 * Cure: Leave the package out of the bundle, and install it beside: `esbuild --external:fastify-impersonate`, or
 * `external` of your bundler. Prisma's packages stay outside as well.
 */
export const FST_IMPERSONATE_MISSING_FILES: Coded<[ErrorOptions?]> = createError('FST_IMPERSONATE_MISSING_FILES',
  'The files of fastify-impersonate are not beside its code: leave the package out of your bundle (external: fastify-impersonate)', 500)

/**
 * The log's own database cannot be opened or brought up to date.
 *
 * Cure: Check the address in `databaseUrl`, that the server is up or the folder can be written, and that the database
 * is this version's or empty.
 */
export const FST_IMPERSONATE_DATABASE: Coded<[string, ErrorOptions?]> = createError('FST_IMPERSONATE_DATABASE',
  '%s', 500)

/**
 * Nobody is signed in, as far as the plugin can tell.
 *
 * Cure: Sign in. If somebody is: the default looks for the user whose id is in `session.userId`, and the server's log
 * says what it found. Give `getRealUser` for any other sign-in.
 */
export const FST_IMPERSONATE_NOT_AUTHENTICATED: Coded = createError('FST_IMPERSONATE_NOT_AUTHENTICATED',
  'Sign in first', 401)

/**
 * This person may not impersonate, or not see this page.
 *
 * Cure: `isStaff` or `isSuperuser` has to be true of the signed-in user, or `customAllow` has to return true; for the
 * log `isSuperuser` or `adminAllow`. The server's log says which was asked.
 */
export const FST_IMPERSONATE_FORBIDDEN: Coded = createError('FST_IMPERSONATE_FORBIDDEN',
  'You may not do this', 403)

/**
 * The user is unknown, out of scope, a superuser, inactive or oneself: one answer for all of them.
 *
 * Cure: The server's log says which. Where `isSuperuser` is no boolean of the user, set the option of that name.
 */
export const FST_IMPERSONATE_TARGET_NOT_FOUND: Coded = createError('FST_IMPERSONATE_TARGET_NOT_FOUND',
  'There is no such user whom you may impersonate', 404)

/**
 * An impersonation runs already, and they do not nest.
 *
 * Cure: Stop it first: `POST /impersonate/stop/`.
 */
export const FST_IMPERSONATE_ALREADY_ACTIVE: Coded = createError('FST_IMPERSONATE_ALREADY_ACTIVE',
  'Stop the impersonation that is running first', 409)

/**
 * The request found its impersonation over; it was not run. `endReason` says why, null where the key is unknown.
 *
 * Cure: Show the person that they are themselves again, and let them send it once more if they still want to. For pages
 * the plugin does that itself.
 */
export const FST_IMPERSONATE_ENDED: Coded<[string]> = createError('FST_IMPERSONATE_ENDED',
  'The impersonation is over (%s), so this request was not run', 409)

/**
 * A write while the impersonation is read-only.
 *
 * Cure: Stop it first; or let the route through with `config: { impersonation: 'allow' }`.
 */
export const FST_IMPERSONATE_READ_ONLY: Coded = createError('FST_IMPERSONATE_READ_ONLY',
  'This impersonation is read-only: only GET, HEAD and OPTIONS are allowed', 405)

/**
 * The route's `config.impersonation` is `deny`.
 *
 * Cure: Stop the impersonation first: this route is for people themselves.
 */
export const FST_IMPERSONATE_ROUTE_DENIED: Coded = createError('FST_IMPERSONATE_ROUTE_DENIED',
  'This is not possible while impersonating', 403)

/**
 * The reason of a start is missing, too short, too long or refused by `requireReason.validate`, whose words the message
 * then is.
 *
 * Cure: Send `reason` in the body. The plugin's own pages ask for it.
 */
export const FST_IMPERSONATE_REASON_REQUIRED: Coded<[string]> = createError('FST_IMPERSONATE_REASON_REQUIRED',
  '%s', 422)

/**
 * The browser of this start must drop the plugin's cookie, so all that follows would run as the impersonator. Nothing
 * was started.
 *
 * Cure: The message names the setting. Scripts and frames of another site take `cookie: { sameSite: 'none',
 * partitioned: true }`, and that takes https, as does `secure: true` anywhere but at localhost. Behind a proxy, set
 * Fastify's `trustProxy`. With `disableLogging` and @fastify/secure-session the session itself may be too large for a
 * cookie: keep less in it.
 */
export const FST_IMPERSONATE_COOKIE_DROPPED: Coded<[string]> = createError('FST_IMPERSONATE_COOKIE_DROPPED',
  'This browser would drop the cookie of an impersonation, so nothing was started: %s', 422)

/**
 * The page that sent this request was made while somebody else was seen; it was not run.
 *
 * Cure: Reload the page, and send it again as who one is now.
 */
export const FST_IMPERSONATE_STALE_PAGE: Coded = createError('FST_IMPERSONATE_STALE_PAGE',
  'The page that sent this was made while the application was seen as somebody else, so it was not run', 409)

/**
 * The options do not allow this change of the log.
 *
 * Cure: Set the option that the message names, if the log is to be changed at all.
 */
export const FST_IMPERSONATE_LOG_READ_ONLY: Coded<[string]> = createError('FST_IMPERSONATE_LOG_READ_ONLY',
  'The log may not be changed like this: see the option %s', 405)

/**
 * There is no such log entry.
 *
 * Cure: It was deleted, or the id is wrong.
 */
export const FST_IMPERSONATE_LOG_NOT_FOUND: Coded = createError('FST_IMPERSONATE_LOG_NOT_FOUND',
  'There is no such log entry', 404)

/**
 * An impersonation that still runs can be neither changed nor deleted.
 *
 * Cure: End it first: `POST /impersonate/sessions/:id/end/`.
 */
export const FST_IMPERSONATE_LOG_OPEN: Coded = createError('FST_IMPERSONATE_LOG_OPEN',
  'This impersonation is still running, and its log entry cannot be changed before it has ended', 409)

/**
 * The address is one of the plugin's pages, which does not take this method.
 *
 * Cure: Use a method that the header `Allow` names. To start for a user whose id is the name of a page: `POST
 * /impersonate/-/start/` with `userId`.
 */
export const FST_IMPERSONATE_METHOD_NOT_ALLOWED: Coded = createError('FST_IMPERSONATE_METHOD_NOT_ALLOWED',
  'This address does not take this method', 405)

/**
 * A parameter, query field or body field does not fit.
 *
 * Cure: The message names the field and what it takes. Ids are strings; unknown fields are refused.
 */
export const FST_IMPERSONATE_INVALID_INPUT: Coded<[string]> = createError('FST_IMPERSONATE_INVALID_INPUT', '%s', 400)

/**
 * The request came from a page of another site.
 *
 * Cure: Post from the application's own pages, or name the other page's origin in `trustedOrigins`. Behind a proxy, set
 * Fastify's `trustProxy`, so that this host is known.
 */
export const FST_IMPERSONATE_CROSS_SITE: Coded = createError('FST_IMPERSONATE_CROSS_SITE',
  'This request came from another site', 403)

/**
 * The users, the log, or one of your functions failed or took longer than `timeout`. What cannot be checked is not run
 * as anybody.
 *
 * Cure: The cause is in the server's log, with the error's `cause`.
 */
export const FST_IMPERSONATE_UNAVAILABLE: Coded<[string, ErrorOptions?]> = createError('FST_IMPERSONATE_UNAVAILABLE',
  'Impersonation is not available right now: %s', 503)

/**
 * A begin hook threw, or the browser was gone before its answer: nothing was started. The status is the hook's own
 * `statusCode`, where it gave one; with a status below 500 its message is told as well.
 *
 * Cure: What the hook threw is the error's `cause`.
 */
export const FST_IMPERSONATE_ABORTED: Coded<[ErrorOptions?]> = createError('FST_IMPERSONATE_ABORTED',
  'The start was stopped by the application', 500)

/**
 * A page cannot be rendered: a template of the plugin's, or one in `views`, is broken.
 *
 * Cure: The message names the template; what is wrong with it is the error's `cause` in the server's log. Templates in
 * `views` may rely on the data of an older version: compare them with the bundled ones.
 */
export const FST_IMPERSONATE_TEMPLATE: Coded<[string, ErrorOptions?]> = createError('FST_IMPERSONATE_TEMPLATE',
  'The template %s is broken', 500)
