import { statSync } from 'node:fs'
import type { Messages } from '../../messages/language.js'
import { safePath } from '../../http/redirect.js'
import type { BannerOptions, LookupType } from '../../types/index.js'
import { checkBanner } from '../banner.js'
import * as is from '../checks.js'
import { checkMessages } from '../messages.js'
import { option } from '../option.js'

const LOOKUPS = ['exact', 'iexact', 'contains', 'icontains', 'startswith', 'istartswith', 'endswith', 'iendswith']

/** Query and body fields that have a meaning already. */
const TAKEN_FIELDS = ['q', 'page', 'after', 'before', 'reason', 'userId']

/** The plugin's pages, and where they lead. */
export const pages = {
  /** Of all routes; not empty. @default '/impersonate' */
  prefix: option<string>(checkPrefix, '/impersonate'),
  /**
   * A path that a proxy takes away before requests arrive, such as `'/app'`: in front of every address that the plugin
   * makes, and of its cookie's path. `redirectUrl`, `loginUrl` and a `next` are as the browser sees them.
   * @default ''
   */
  publicPrefix: option<string, string>(checkPublicPrefix, '', given => given.replace(/\/+$/, '')),
  /**
   * Where a start, a stop and a refusal lead.
   * @default '/'
   * @django REDIRECT_URL: there is no `LOGIN_REDIRECT_URL` to fall back to; one of the plugin's own pages is refused,
   * as it would send itself around
   */
  redirectUrl: option<string>(checkRedirectUrl, '/'),
  /**
   * Where someone not signed in is sent, with `?next=`; may be absolute.
   * @default '/login'
   * @django settings.LOGIN_URL: the plugin's own option, as Fastify has no settings
   */
  loginUrl: option<string>(checkLoginUrl, '/login'),
  /**
   * After a stop that names no `next`, back to the page that the start came from.
   * @default false
   * @django USE_HTTP_REFERER: only pages of this host, so that a stop leads nowhere else
   */
  useHttpReferer: option<boolean>(is.aBoolean, false),
  /**
   * Name of the query field that carries where to go after a start, such as `next`.
   * @default none
   * @django REDIRECT_FIELD_NAME: same-origin paths only
   */
  redirectFieldName: option<string>(checkFieldName),
  /**
   * How many users, and how many log entries, a page has: 1 to 1,000. With `50`, the 51st user is on page 2.
   * @default 20
   * @django PAGINATE_COUNT
   */
  paginateCount: option<number>(is.wholeNumber(1, 1000), 20),
  /** Where counting users and log entries stops. @default 1000 */
  countLimit: option<number>(is.wholeNumber(1, 1_000_000), 1000),
  /**
   * What a search looks at.
   * @default those of `username`, `firstName`, `lastName` and `email` that the model has
   * @django SEARCH_FIELDS: checked at start-up; number fields too, which are found by the whole number
   */
  searchFields: option<readonly string[]>(is.names),
  /**
   * How a search compares.
   * @default 'icontains'
   * @django LOOKUP_TYPE: the eight look-ups that compare text
   */
  lookupType: option<LookupType>(is.oneOf(...LOOKUPS), 'icontains'),
  /** A folder whose templates replace the bundled ones, file by file. @default the bundled ones */
  views: option<string>(checkFolder),
  /**
   * Texts of the pages, by their names; those not given stay English. All of them in German:
   * `import german from 'fastify-impersonate/messages/de'`.
   * @default English
   */
  messages: option<Partial<Messages>>(checkMessages, {}),
  /**
   * `true`, or `{ position, label, frames, script }`: a strip in each HTML page of yours while impersonating.
   * See docs/banner.md.
   * @default false
   */
  banner: option<boolean | BannerOptions>(checkBanner, false),
  /** Leave the routes out of the OpenAPI document. @default false */
  hideRoutes: option<boolean>(is.aBoolean, false)
}

function checkPrefix (name: string, value: unknown): void {
  const fits = typeof value === 'string' && /^\/*[\w~.-]+(\/+[\w~.-]+)*\/*$/.test(value)
  if (!fits) is.refuse(name, 'a path such as "/impersonate"', value)
}

function checkPublicPrefix (name: string, value: unknown): void {
  const fits = typeof value === 'string' && /^(\/[\w~.%-]+)*\/?$/.test(value)
  if (!fits) is.refuse(name, 'a path such as "/app", or nothing', value)
}

function checkRedirectUrl (name: string, value: unknown): void {
  if (safePath(value, []) === null) is.refuse(name, 'a path of this application such as "/"', value)
}

function checkLoginUrl (name: string, value: unknown): void {
  const absolute = typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
  if (!absolute && safePath(value, []) === null) is.refuse(name, 'a path or an http(s) address', value)
}

function checkFieldName (name: string, value: unknown): void {
  if (typeof value !== 'string' || !/^[\w-]+$/.test(value) || TAKEN_FIELDS.includes(value)) {
    is.refuse(name, `a field name such as "next", other than ${TAKEN_FIELDS.join(', ')}`, value)
  }
}

function checkFolder (name: string, value: unknown): void {
  const fits = typeof value === 'string' && statSync(value, { throwIfNoEntry: false })?.isDirectory() === true
  if (!fits) is.refuse(name, 'a folder that exists', value)
}
