import fc from 'fast-check'
import { connect } from 'node:net'

/** What nobody may ever read in an answer: a stack, a path, a database's words, a password. */
export const INSIDES = /\n\s+at \S.*:\d+:\d+|node_modules|file:\/\/|prisma|sqlite|libsql|postgres|"?ImpersonationLog"?|invalid input syntax|\b(Type|Range|Syntax|Reference|URI)Error\b|ERR_INVALID|hash-of-a-secret|<script>alert/i

/** How often each property is tried: so many times as often as with each change. */
export const trying = (times: number) => (few: number): { numRuns: number } => ({ numRuns: few * times })

/** What people try as an id, a text or a number. */
export const KNOWN_TEXTS = [
  '', '0', '-1', '1', '2', '3', '4', '7', '04', '3 ', '1e3', '0x3', '3.0', '٣', '9'.repeat(30), '2147483648', '-9223372036854775809', 'NaN',
  '\' OR 1=1 --', '"; DROP TABLE "User"', '%', '_', '\\', '%%%', '\0', '3\0', '\ud800', '\udfff\ud800', '\ufeff3', '<script>alert(1)</script>', '{{7*7}}', '<%= 7 %>', '#{7}',
  '..', '../..', './', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', 'true', '[]', '{}', ' \n padded \u3000', 'list', 'stop', 'STOP', '-', 'end',
  '2026-02-31', '2026-01-31', '2026-01-31T99:99:99Z', '0000-00-00', '+275761-01-01', '9999-12-31T23:59:59.999999999+14:00', 'x'.repeat(256), 'x'.repeat(3000), 'é'.repeat(300)
]
export const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...KNOWN_TEXTS),
  fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 20 })
)

/** What people try as an address to be sent to. */
const KNOWN_ADDRESSES = [
  '//evil.example', '/\\evil.example', '/..//evil.example', '/x/..//evil.example', '/.//evil.example', '/%2e%2e//evil.example', '/\t/evil.example', 'https://evil.example', 'javascript:alert(1)',
  '/impersonate/4/', '/impersonate/stop/', '/%69mpersonate/4/', '/x/../impersonate/4', '/IMPERSONATE/4/', '/impersonate//4/', '/impersonate/-/start/', '/impersonate%2f4/'
]
/** Put together at random, or one of those. */
export const hostileAddress: fc.Arbitrary<string> = fc.oneof(fc.constantFrom(...KNOWN_ADDRESSES), fc.array(fc.oneof(
  fc.constantFrom('/', '//', '\\', '/\\', '..', '.', '%2e', '%2f', '%5c', '%09', '%00', '\t', '\n', '\r\n', ' ', '@', ':', '?', '#', ';', 'evil.example', 'http:', 'https://evil.example',
    'javascript:alert(1)', 'data:', 'impersonate', '/impersonate/', '%69mpersonate', 'stop', 'list', '3', '-/start', '。', '／', '＼', '\u2028', 'http://localhost:80', 'localhost'),
  fc.string({ maxLength: 4 })
), { maxLength: 8 }).map(parts => parts.join('')))

/** A text in an address: escaped as it ought to be, twice, not at all, or wrongly. */
export const escaped = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(
  text.map(one => encodeURIComponent(one.toWellFormed())),
  text.map(one => encodeURIComponent(encodeURIComponent(one.toWellFormed()))),
  text.map(one => one.replace(/[^!-~]/g, '')),
  fc.constantFrom('%', '%zz', '%0', '%c0%af', '%ed%a0%80', '%00', '%2', '%ff%fe', '%252e%252e%252f', '%0d%0aSet-Cookie:x=y')
)

/** What a header can hold on its way through Node. */
export const headerText = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => text.map(one => one.replace(/[^\t -~\u0080-\u00ff]/g, '').trim())

/** Why an address that an answer leads to is none of this application's, or starts or stops something; null where all is well. */
export function isOpenRedirect (location: unknown): boolean {
  return ['http://localhost:80/impersonate/3/', 'https://app.example:8443/a/b'].some(base => {
    if (typeof location !== 'string' || !URL.canParse(location, base)) return true
    const { origin, pathname } = new URL(location, base)
    const [, page] = /^\/+impersonate\/+([^/]*)/i.exec(decodeURIComponent(pathname.replace(/%(?![\da-f]{2})/gi, '%25').replace(/%[89a-f][\da-f]/gi, 'x'))) ?? []
    return origin !== new URL(base).origin || !['', 'list', 'search', 'log', 'sessions', 'status', undefined].includes(page)
  })
}

/** Sends these very bytes, and resolves to all that comes back until the connection is closed. */
export async function sendRaw (port: number, bytes: string): Promise<{ status: number, text: string }> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', chunk => { text += chunk.toString('latin1') })
  socket.setTimeout(10_000, () => { socket.destroy() })
  // What is refused half way may be cut off.
  socket.on('error', () => {})
  socket.write(bytes, 'latin1')
  await new Promise(resolve => { socket.on('close', resolve) })
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text }
}
