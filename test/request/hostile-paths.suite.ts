import fc from 'fast-check'
import type { FastifyRequest } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { browser, build, people, type BuildOptions } from '../kit/build.js'
import { INSIDES, sendRaw, trying } from '../kit/hostile.js'

type Ran = { route: string, user: unknown, impersonator: unknown }

/** A server on a port where sam runs as carl, which notes as whom each handler was run. */
async function listen (t: Test, options: BuildOptions = {}) {
  const ran: Ran[] = []
  const app = await build(t, {
    ...options,
    after: app => {
      const note = (route: string) => async ({ user, impersonator }: FastifyRequest) => {
        ran.push({ route, user: user?.id ?? null, impersonator: impersonator?.id ?? null })
        return {}
      }
      app.get('/billing/card', { config: { impersonation: 'deny' } }, note('deny'))
      app.post('/billing/card', { config: { impersonation: 'deny' } }, note('deny'))
      app.get('/me/passkeys', { config: { impersonation: 'real-user' } }, note('real'))
      app.get('/admin/users', note('real'))
      app.get('/admin/users/:id', note('real'))
      app.get('/orders/:id', note('target'))
      app.get('/orders', note('target'))
    }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const port = (app.server.address() as AddressInfo).port
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  const key = sam.jar.get('impersonation') ?? ''
  const signIn = `sessionId=${encodeURIComponent(sam.jar.get('sessionId') ?? '')}`
  return {
    app,
    ran,
    port,
    key,
    signIn,
    sam,
    get: async (path: string) => await sendRaw(port, `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\nAccept: application/json\r\nCookie: ${signIn}; impersonation=${key}\r\n\r\n`)
  }
}

const WHO: Record<string, [number, number | null] | undefined> = { real: [2, null], target: [3, 2] }

function wrongOf (ran: Ran[], { status, text }: { status: number, text: string }): string | null {
  for (const { route, user, impersonator } of ran) {
    const [expected, by] = WHO[route] ?? [null, null]
    if (expected === null || user !== expected || impersonator !== by) return `${route} was run as ${String(user)} by ${String(impersonator)}`
  }
  if (status < 200 || status >= 500 || INSIDES.test(text)) return text
  return null
}

const PATHS = ['/billing/card', '/me/passkeys', '/admin/users', '/admin/users/3', '/orders/3', '/orders']
const hex = (char: string, isUpper: boolean) => {
  const code = char.charCodeAt(0).toString(16).padStart(2, '0')
  return `%${isUpper ? code.toUpperCase() : code}`
}

/** Each character as it is, escaped or in its other case, and what routers and proxies may overlook between them. */
const disguised = fc.tuple(
  fc.constantFrom(...PATHS),
  fc.array(fc.constantFrom('raw', 'raw', 'raw', 'lower', 'upper', 'twice', 'case'), { minLength: 15, maxLength: 15 }),
  fc.constantFrom('', '', '', '/', '//', '/./', '/x/../', '/%2e/', '/%2e%2e/', '/;/', ';x=1', '%2f', '%5c', '\\', '/admin/..', '/admin/%2e%2e', '/orders/..'),
  fc.constantFrom('', '', '', '/', '//', '?x', '?/admin/', '#/admin/', ';x', '%3f', '%23', '%00', '%20', '.', '/.', '/..', '%'),
  fc.constantFrom('', '', '', 'http://localhost', 'HTTP://admin', 'http://evil.example:1', 'x-y+z.1://admin', '//admin', 'http:', 'http:///', '?', '*')
).map(([path, how, before, after, origin]) => {
  const chars = [...path].map((char, index) => {
    switch (how[index]) {
      case 'lower': return hex(char, false)
      case 'upper': return hex(char, true)
      case 'twice': return `%25${hex(char, false).slice(1)}`
      case 'case': return char.toUpperCase()
      default: return char
    }
  })
  return origin + before + chars.join('') + after
})

const routers: Array<[string, NonNullable<BuildOptions['server']>['routerOptions'] & { useSemicolonDelimiter?: boolean }]> = [
  ['as it comes', {}],
  ['that ignores case', { caseSensitive: false }],
  ['that ignores slashes', { ignoreDuplicateSlashes: true, ignoreTrailingSlash: true }],
  ['that takes semicolons', { useSemicolonDelimiter: true }],
  ['that ignores all of it', { caseSensitive: false, ignoreDuplicateSlashes: true, ignoreTrailingSlash: true, useSemicolonDelimiter: true }]
]

/** Hostile addresses and bytes over sockets, so many times as often as with each change. */
export function testHostilePaths (t: Test, times = 1): void {
  const runs = trying(times)

  for (const [name, routerOptions] of routers) {
    t.test(`with a router ${name}`, async t => {
      // Not by the session, which is none where an address begins with a scheme.
      const sam = people().find(({ id }) => id === 2) ?? null
      const { ran, get } = await listen(t, { server: { routerOptions }, getRealUser: () => sam, signInId: () => 'one' })

      t.test('each character of a path may be escaped, and each route runs as who it always does', async t => {
        let reached = 0
        for (const path of PATHS) {
          for (let at = 0; at < path.length; at++) {
            for (const isUpper of [false, true]) {
              const answer = await get(path.slice(0, at) + hex(path.charAt(at), isUpper) + path.slice(at + 1))
              reached += ran.length
              const wrong = wrongOf(ran.splice(0), answer)
              if (wrong !== null) t.fail(`${path} at ${at}: ${wrong}`)
            }
          }
        }
        t.ok(reached > 50, 'the routes are reached by escaped paths')
      })

      t.test('however a path is disguised, a denied route is not run, an excluded one is the real user\'s, and the others the target\'s', async t => {
        await fc.assert(fc.asyncProperty(disguised, async path => {
          const answer = await get(path.replace(/ /g, '%20'))
          const wrong = wrongOf(ran.splice(0), answer)
          if (wrong !== null) throw new Error(wrong)
        }), runs(120))
        t.pass()
      })
    })
  }

  t.test('what only a socket can send', async t => {
    const { app, port, key, signIn, sam, ran } = await listen(t)
    await sam.postJson('/impersonate/stop/')
    const ada = browser(app)
    await ada.signIn(1)
    const started = async () => (await ada.getJson('/impersonate/log/')).json().paginator.count
    const before = await started()
    const send = async (line: string, headers: string[] = [], body = '', host = `Host: localhost:${port}`) =>
      await sendRaw(port, `${line}\r\n${[host, 'Connection: close', `Cookie: ${signIn}`, ...headers].filter(one => one !== '').join('\r\n')}\r\n\r\n${body}`)
    const [START, ASK] = ['POST /impersonate/3/ HTTP/1.1', 'GET /impersonate/3/ HTTP/1.1']
    const own = ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document']

    const requests: Array<[string, () => Promise<{ status: number, text: string }>, number[]]> = [
      ['Sec-Fetch-Site twice, the other site first', async () => await send(START, ['Sec-Fetch-Site: cross-site', 'Sec-Fetch-Site: same-origin']), [403]],
      ['Sec-Fetch-Site twice, the other site last', async () => await send(START, ['Sec-Fetch-Site: same-origin', 'Sec-Fetch-Site: cross-site']), [403]],
      ['Origin twice, the other site first', async () => await send(START, ['Origin: https://evil.example', `Origin: http://localhost:${port}`]), [403]],
      ['an Origin that is a list', async () => await send(START, [`Origin: http://localhost:${port} https://evil.example`]), [403]],
      ['an Origin of this host as somebody\'s name', async () => await send(START, [`Origin: http://localhost:${port}@evil.example`]), [403]],
      ['an empty Origin', async () => await send(START, ['Origin:']), [403]],
      ['an Origin without a Host', async () => await send('POST /impersonate/3/ HTTP/1.0', ['Origin: https://evil.example'], '', ''), [403]],
      ['Host twice', async () => await send(START, ['Host: evil.example', 'Origin: https://evil.example']), [400, 403]],
      ['a Host that is none', async () => await send(START, ['Origin: https://evil.example'], '', 'Host: /evil.example'), [400, 403]],
      ['a Host with a path', async () => await send(START, [`Origin: http://localhost:${port}`], '', `Host: evil.example/@localhost:${port}`), [400, 403]],
      ['the address of another host', async () => await send('POST http://evil.example/impersonate/3/ HTTP/1.1', ['Origin: http://evil.example']), [403]],
      ['a method in a header', async () => await send(ASK, ['X-HTTP-Method-Override: POST', 'X-Method-Override: POST', 'X-HTTP-Method: POST']), [200]],
      ['a method in the query', async () => await send('GET /impersonate/3/?_method=POST HTTP/1.1'), [200]],
      ['a proven navigation, but for a prefetch', async () => await send(ASK, [...own, 'Sec-Purpose: prefetch;prerender']), [200]],
      ['a proven navigation, but for two modes', async () => await send(ASK, [...own, 'Sec-Fetch-Mode: cors']), [200]],
      ['HEAD that proves to be a navigation', async () => await send('HEAD /impersonate/3/ HTTP/1.1', own), [404, 405]],
      ['a method that nobody knows', async () => await send('START /impersonate/3/ HTTP/1.1', own), [400]],
      ['a method that few know', async () => await send('PROPFIND /impersonate/3/ HTTP/1.1', own), [404, 405]],
      ['a header that is too long', async () => await send(START, [`X: ${'x'.repeat(20_000)}`]), [431]],
      ['an address that is too long', async () => await send(`GET /impersonate/${'3'.repeat(20_000)}/ HTTP/1.1`), [431]],
      ['an id that is too long', async () => await send(`POST /impersonate/${'3'.repeat(10_000)}/ HTTP/1.1`), [400, 404, 414]],
      ['NUL in a header', async () => await send(START, ['X: a\0b']), [400]],
      ['a header that goes on in the next line', async () => await send(START, ['Sec-Fetch-Site:', ' cross-site']), [400, 403]],
      ['a space before a colon', async () => await send(START, ['Sec-Fetch-Site : cross-site']), [400]],
      ['two lengths', async () => await send(START, ['Content-Length: 5', 'Content-Length: 6'], 'hello'), [400]],
      ['a length and chunks', async () => await send(START, ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'), [400]],
      ['a type that is none', async () => await send(START, ['Content-Type: a/b/c;;=', 'Content-Length: 2'], '{}'), [415]],
      ['a body that is no JSON', async () => await send(START, ['Content-Type: application/json', 'Content-Length: 1'], '{'), [400]],
      ['a body of bytes that are no UTF-8', async () => await send('POST /impersonate/-/start/ HTTP/1.1', ['Content-Type: application/json', 'Content-Length: 14'], '{"userId":"\u00ff"}'), [400, 404]],
      ['bytes in the address that are no ASCII', async () => await send('POST /impersonate/\u00ff\u00fe/ HTTP/1.1'), [400, 404]],
      ['the key twice, in two headers', async () => await send('GET /who HTTP/1.1', [`Cookie: impersonation=${key}`, `Cookie: impersonation=${key}`]), [409]],
      ['a key that is over, in the middle of many cookies', async () => await send('GET /who HTTP/1.1', [`Cookie: ${'a=b; '.repeat(1000)}impersonation=${key}; ${'a=b; '.repeat(1000)}`]), [409]]
    ]
    for (const [name, request, statuses] of requests) {
      const { status, text } = await request()
      t.ok(statuses.includes(status), `${name}: ${status}`)
      t.notMatch(text, INSIDES, name)
      t.notMatch(text, /set-cookie: impersonation=[^;]/i, name)
    }
    t.equal(await started(), before, 'nothing was started')
    t.same(ran, [])

    t.test('whatever bytes a header holds, nothing is started from another site, and the answer is a proper one', async t => {
      const bytes = fc.string({ unit: fc.nat({ max: 255 }).map(code => String.fromCharCode(code)), maxLength: 40 })
      const names = fc.constantFrom('Sec-Fetch-Site', 'Origin', 'Referer', 'Accept', 'Content-Type', 'Cookie', 'X-Impersonation', 'X-HTTP-Method-Override', 'Upgrade', 'Host', 'Content-Length', '')
      await fc.assert(fc.asyncProperty(fc.array(fc.tuple(names, bytes), { maxLength: 4 }), async headers => {
        const { status, text } = await send(START, ['Sec-Fetch-Site: cross-site', ...headers.map(([name, value]) => `${name}: ${value.replace(/\r?\n\r?\n/g, '')}`)])
        // Node itself closes without a word where what comes is no HTTP at all.
        if (status !== 0 && (status < 400 || status >= 500)) throw new Error(text)
        if (INSIDES.test(text)) throw new Error(text)
      }), runs(80))
      t.equal(await started(), before)
    })
  })
}
