import { isHarmless } from './pages.js'

const HERE = 'http://same-origin.invalid'

/** Browsers drop these characters anywhere in an address; nobody who means well sends them. */
// eslint-disable-next-line no-control-regex
const DROPPED = /[\u0000-\u001f\u007f\\]/

/** Where a request may ask to be sent to. */
export interface Destinations {
  /**
   * The whole paths of the plugin's pages, of each registration in the application, as the browser and the router see
   * them.
   */
  bases: readonly string[]
  trustedOrigins: ReadonlySet<string>
}

/**
 * The path, query and fragment of an address that a request asks to be sent to, where it is a place on this very origin
 * and neither a start nor a stop; else null.
 *
 * Parsed by the WHATWG URL parser, as browsers do, and checked again afterwards: `/..//evil` becomes `//evil`.
 */
export function safePath (asked: unknown, bases: readonly string[]): string | null {
  if (typeof asked !== 'string' || !/^\/(?![/\\])/.test(asked) || DROPPED.test(asked)) return null
  const url = new URL(asked, HERE)
  if (url.origin !== HERE || /^\/[/\\]/.test(url.pathname)) return null
  return changesSomething(url.pathname, bases) ? null : url.pathname + url.search + url.hash
}

/** The same, or a whole address of a trusted origin. What starts or stops something there is none either. */
export function safeDestination (asked: unknown, { bases, trustedOrigins }: Destinations): string | null {
  if (typeof asked !== 'string' || asked.startsWith('/')) return safePath(asked, bases)
  if (DROPPED.test(asked) || !URL.canParse(asked)) return null
  const url = new URL(asked)
  const isTrusted = trustedOrigins.has(url.origin) && url.username === '' && url.password === ''
  return isTrusted && !changesSomething(url.pathname, bases) ? url.href : null
}

/** The same for a `Referer`: only its path and query, and only where it is a page of this host. */
export function safeReferer (
  referer: string | undefined, host: string, bases: readonly string[]
): string | null {
  if (referer === undefined || !URL.canParse(referer)) return null
  const url = new URL(referer)
  const own = `${url.protocol}//${host}`
  if (!URL.canParse(own) || new URL(own).host !== url.host) return null
  return safePath(url.pathname + url.search, bases)
}

/** Whether a path of this application is one of the plugin's own pages. */
export function isBelow (path: string, prefix: string): boolean {
  return pageBelow(new URL(path, HERE).pathname, prefix) !== null
}

function changesSomething (pathname: string, bases: readonly string[]): boolean {
  // Where slashes are escaped, routers and proxies differ in what they read.
  if (/%(2f|5c)/i.test(pathname)) {
    const plain = plainer(pathname).toLowerCase()
    return bases.some(base => plain.includes(plainer(base).toLowerCase()))
  }
  return bases.some(base => {
    const page = pageBelow(pathname, base)
    return page !== null && !isHarmless(page)
  })
}

/** What follows the prefix, read as leniently as any router could; null elsewhere. */
function pageBelow (pathname: string, prefix: string): string | null {
  const [plain, base] = [plainer(pathname), plainer(prefix)]
  if (!`${plain}/`.toLowerCase().startsWith(`${base}/`.toLowerCase())) return null
  // In its own case: to most routers LIST is a user's id.
  return plain.slice(base.length + 1).replace(/\/.*$/s, '')
}

/** Decoded once, as far as it can be; without what routers may overlook. */
function plainer (path: string): string {
  const decode = (escapes: string) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString()
  const decoded = path.replace(/(?:%[\da-f]{2})+/gi, decode)
  return decoded.replace(/[/\\]+/g, '/').replace(/\/$/, '')
}
