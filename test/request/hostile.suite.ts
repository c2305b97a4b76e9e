import fc from 'fast-check'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { prismaUsers } from '../../dist/index.js'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'
import { escaped, headerText, hostile, hostileAddress, INSIDES, KNOWN_TEXTS, isOpenRedirect, trying } from '../kit/hostile.js'
import { hashKey } from '../../dist/lib/state/keys.js'

/** Out of everybody's scope. */
const HIDDEN = person(7, 'hildegard', { firstName: 'Hildegard', lastName: 'Hidden', email: 'hildegard@secret.example' })
const OTHERS = /ada@|sam@|carl@|Carl|O&#39;Brien|O'Brien|ida@|sue@/

/** An application over a real database, and what each of its people sends with every request. */
async function createScene (t: Test, open: (t: Test) => Promise<any>, options: BuildOptions = {}) {
  const prisma = await open(t)
  const everyone = [...people(), HIDDEN]
  await prisma.user.createMany({ data: everyone })
  const users: any = prismaUsers(prisma.user)
  const app = await build(t, {
    prisma, users, customUserQueryset: () => ({ NOT: { id: HIDDEN.id } }), redirectFieldName: 'next', useHttpReferer: true, adminAddPermission: true, adminReadOnly: false, adminDeletePermission: true, ...options
  })
  const jars = new Map<string, Map<string, string>>([['nobody', new Map()]])
  for (const [name, id] of [['cleo', 4], ['sam', 2], ['masked', 2], ['ada', 1]] as const) {
    const one = browser(app)
    await one.signIn(id)
    jars.set(name, new Map(one.jar))
  }
  const cookies = (name: string): string => [...jars.get(name) ?? []].map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('; ')

  return {
    app,
    prisma,
    cookies,
    send: async (name: string, request: InjectOptions): Promise<LightMyRequestResponse> =>
      await app.inject({ ...request, headers: { ...request.headers, ...(cookies(name) === '' ? {} : { cookie: cookies(name) }) } }),

    /** sam's second sign-in runs as carl, again where it was ended meanwhile. */
    async mask (): Promise<string> {
      const jar = jars.get('masked') ?? new Map()
      const who = await app.inject({ url: '/who', headers: { cookie: cookies('masked'), accept: 'application/json' } })
      if (who.json().user !== 3) {
        jar.delete('impersonation')
        const started = await app.inject({ method: 'POST', url: '/impersonate/3/', headers: { cookie: cookies('masked'), accept: 'application/json' } })
        jar.set('impersonation', started.cookies.find(({ name }) => name === 'impersonation')?.value ?? '')
      }
      return jar.get('impersonation') ?? ''
    }
  }
}

const field = escaped(hostile)
const address = escaped(hostileAddress)
const template = (...parts: Array<string | fc.Arbitrary<string>>) => fc.tuple(...parts.map(part => typeof part === 'string' ? fc.constant(part) : part)).map(all => all.join(''))

const urls = fc.oneof(
  template('/impersonate/', field, '/'),
  template('/impersonate/', field, '?next=', address),
  template('/impersonate/list/?page=', field, '&after=', field, '&before=', field),
  template('/impersonate/list/?page=2&', field, '=', field),
  template('/impersonate/search/?q=', field, '&next=', address),
  template('/impersonate/search/?q=', field, '&after=', field),
  template('/impersonate/log/?session=', field, '&impersonator=', field, '&page=', field),
  template('/impersonate/log/?impersonating=', field, '&from=', field, '&to=', field),
  template('/impersonate/log/', field, '/'),
  template('/impersonate/log/', field, '/delete/'),
  template('/impersonate/sessions/?impersonator=', field, '&page=', field),
  template('/impersonate/sessions/', field, '/end/'),
  fc.constantFrom('/impersonate/3/', '/impersonate/3/', '/impersonate/', '/impersonate/log/', '/impersonate/sessions/end/', '/impersonate/-/start/', '/impersonate/status/', '/who', '/admin/who'),
  template('/impersonate/stop/?next=', address),
  template('/impersonate/-/', field),
  template('/impersonate/', field, '/', field),
  template('/', field, '/', field)
  // What app.inject itself cannot send goes over sockets, in hostile-paths.suite.ts.
).filter(url => URL.canParse(url, 'http://localhost'))

const text = fc.oneof(headerText(hostile), headerText(hostileAddress))
const value = (...usual: string[]) => fc.oneof(fc.constantFrom(...usual), text)
const someHeaders = fc.record({
  origin: value('http://localhost:80', 'http://localhost', 'https://evil.example', 'null', 'http://localhost:80@evil.example'),
  referer: value('http://localhost/who', 'https://evil.example/', 'http://localhost//evil.example', 'http://localhost/impersonate/stop/'),
  host: value('localhost:80', 'evil.example', 'localhost:99999', '[::1'),
  'sec-fetch-site': value('same-origin', 'none', 'cross-site', 'same-site', 'same-origin, cross-site'),
  'sec-fetch-mode': value('navigate', 'cors', 'no-cors'),
  'sec-fetch-dest': value('document', 'empty', 'image', 'iframe'),
  'sec-purpose': value('prefetch'),
  accept: value('text/html', 'application/json', '*/*', 'application/json;q=0, text/html', ','),
  'content-type': value('application/json', 'application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'application/json; charset=utf-7'),
  'x-http-method-override': value('POST', 'DELETE', 'GET'),
  'x-method-override': value('POST'),
  'x-impersonation': value('none'),
  'user-agent': value('x'.repeat(2000)),
  'x-forwarded-host': value('evil.example'),
  'x-original-url': value('/impersonate/3/')
}, { requiredKeys: [] })
const headers = fc.oneof(fc.constantFrom({ accept: 'text/html' }, { accept: 'application/json' }), someHeaders)

const fields = fc.dictionary(
  fc.constantFrom('userId', 'reason', 'next', 'impersonator', 'impersonating', 'all', '_impersonation', 'impersonatorId', 'impersonatingId', 'sessionStartedAt', 'sessionEndedAt', '__proto__', 'constructor', 'x'),
  fc.oneof(hostile, hostileAddress, fc.constantFrom<unknown>(null, true, 3, [], {}, ['3'], { value: 'none' }, { toString: 1 }))
)
const bodies = fc.oneof(
  fc.constant(undefined),
  fields,
  fields.map(all => JSON.stringify(all)),
  fields.map(all => new URLSearchParams(Object.entries(all).map(([name, value]): [string, string] => [name, String(JSON.stringify(value)).toWellFormed()])).toString()),
  fc.constantFrom('{', '[]', 'null', '"3"', '{"__proto__":{"x":1}}', '{"userId":3}', '{"userId":"3","userId":"7"}', 'userId=3&userId=7', '='.repeat(2000), '['.repeat(5000), '\0')
)

/** Whether this request may start an impersonation, by law 9 and who sends it. */
function mayStart (who: string, method: string, sent: Record<string, string>): boolean {
  const site = sent['sec-fetch-site']
  if (who !== 'sam' && who !== 'ada') return false
  if (method === 'POST') return site === undefined || site === 'same-origin' || site === 'none'
  return method === 'GET' && site === 'same-origin' && sent['sec-fetch-mode'] === 'navigate' && sent['sec-fetch-dest'] === 'document'
}

/** What is wrong with an answer; null where nothing is. */
function faultOf (who: string, method: string, sent: Record<string, string>, { statusCode, body, headers, cookies }: LightMyRequestResponse): string | null {
  if (statusCode < 200 || statusCode >= 500) return `status ${statusCode}: ${body}`
  if (INSIDES.test(body) || INSIDES.test(JSON.stringify(headers))) return `insides: ${body}`
  if (who !== 'ada' && /hildegard/i.test(body)) return `somebody out of scope: ${body}`
  if ((who === 'nobody' || who === 'cleo') && OTHERS.test(body)) return `another person's data: ${body}`
  if (headers.location !== undefined && isOpenRedirect(headers.location)) return `leads to ${headers.location}`
  if (cookies.some(({ name, value }) => name === 'impersonation' && value !== '') && !mayStart(who, method, sent)) return 'it has started an impersonation'
  return null
}

/** Everything that is hostile, over this database, so many times as often as with each change. */
export function testHostile (t: Test, open: (t: Test) => Promise<unknown>, times = 1): void {
  const runs = trying(times)

  t.test('whatever is sent by whomever, the answer is a proper one, gives nothing away and leads nowhere else', async t => {
    const { send, mask } = await createScene(t, open)
    await fc.assert(fc.asyncProperty(
      fc.constantFrom('nobody', 'cleo', 'sam', 'masked', 'ada'),
      fc.constantFrom('GET', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
      urls, headers, bodies,
      async (who, method, url, sent, payload) => {
        if (who === 'masked') await mask()
        const response = await send(who, { method: method as 'GET', url, headers: sent, ...(payload === undefined || method === 'GET' || method === 'HEAD' ? {} : { payload }) })
        const fault = faultOf(who, method, sent, response)
        if (fault !== null) throw new Error(fault)
      }
    ), runs(300))
    t.pass()
  })

  t.test('whatever else it says, what another site sends, or a GET that proves nothing, starts nothing', async t => {
    const { send, prisma } = await createScene(t, open)
    const foreign = fc.constantFrom<Record<string, string>>(
      { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:80' }, { origin: 'https://evil.example', 'sec-fetch-site': '' }
    )
    await fc.assert(fc.asyncProperty(fc.constantFrom('POST', 'GET', 'HEAD'), fc.constantFrom('/impersonate/3/', '/impersonate/-/start/'), someHeaders, foreign, async (method, url, sent, more) => {
      const { accept = '*/*', ...others } = sent
      const headers = { accept, ...others, ...more, host: 'localhost:80', 'content-type': 'application/json' }
      const response = await send('ada', { method: method as 'GET', url, headers, ...(method === 'POST' ? { payload: { ...(url.includes('-') ? { userId: '3' } : {}) } } : {}) })
      const fault = faultOf('ada', method, headers, response)
      if (fault !== null || (method === 'POST' && response.statusCode !== ((sent['x-impersonation'] ?? 'none') === 'none' ? 403 : 409))) throw new Error(`${fault} ${response.statusCode}`)
    }), runs(60))
    t.equal(await prisma.impersonationLog.count(), 0)
  })

  t.test('every text that is known to break something is taken for what it is, wherever it is sent', async t => {
    const { send } = await createScene(t, open)
    for (const text of KNOWN_TEXTS) {
      const one = encodeURIComponent(text.toWellFormed())
      for (const [method, url, payload] of [
        ['GET', `/impersonate/${one}/`], ['POST', `/impersonate/${one}/`], ['POST', '/impersonate/-/start/', { userId: text }], ['GET', `/impersonate/search/?q=${one}`],
        ['GET', `/impersonate/list/?after=${one}`], ['GET', `/impersonate/list/?page=${one}`], ['GET', `/impersonate/log/?impersonator=${one}`], ['GET', `/impersonate/log/?from=${one}`],
        ['GET', `/impersonate/log/${one}/`], ['POST', `/impersonate/sessions/${one}/end/`], ['POST', '/impersonate/sessions/end/', { impersonating: text }]
      ] as Array<['GET' | 'POST', string, object?]>) {
        const headers = { accept: 'text/html' }
        const fault = faultOf('ada', method, headers, await send('ada', { method, url, headers, ...(payload === undefined ? {} : { payload }) }))
        if (fault !== null) t.fail(`${method} ${url.slice(0, 80)}: ${fault}`)
      }
    }
    t.pass()
  })

  t.test('whatever the browser wishes, a start and a stop lead to a path of this application that changes nothing', async t => {
    const { send, mask } = await createScene(t, open)
    const wish = fc.oneof(hostileAddress, hostileAddress.map(one => `/${one}`))
    await fc.assert(fc.asyncProperty(wish, escaped(wish), headerText(wish.map(one => `http://localhost:80/${one}`)), async (inBody, inQuery, referer) => {
      await mask()
      for (const { who, url, payload } of [
        { who: 'sam', url: `/impersonate/3/?next=${inQuery}`, payload: {} },
        { who: 'sam', url: '/impersonate/3/', payload: { next: inBody } },
        { who: 'masked', url: `/impersonate/stop/?next=${inQuery}`, payload: {} },
        { who: 'masked', url: '/impersonate/stop/', payload: { next: inBody } },
        { who: 'nobody', url: `/impersonate/list/?next=${inQuery}`, payload: undefined }
      ]) {
        const form = payload === undefined ? {} : { payload: new URLSearchParams(payload).toString() }
        const { statusCode, headers: { location }, body } = await send(who, {
          method: payload === undefined ? 'GET' : 'POST', url, headers: { accept: 'text/html', referer, 'content-type': 'application/x-www-form-urlencoded' }, ...form
        })
        if (statusCode === 400 && /malformed|BAD_URL|takes/i.test(body)) continue
        if (statusCode !== 302 || isOpenRedirect(location)) throw new Error(`${who} ${statusCode} ${location} ${body}`)
        const onward = new URL(String(location), 'http://localhost').searchParams.get('next')
        if (who === 'nobody' && isOpenRedirect(onward)) throw new Error(`the sign-in would lead to ${onward}`)
      }
    }), runs(40))
    t.pass()
  })

  t.test('whatever the reason, it is kept as it was meant, or refused', async t => {
    const { send, prisma } = await createScene(t, open, { requireReason: { minLength: 3 } })
    await fc.assert(fc.asyncProperty(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 1100 })), async reason => {
      const { statusCode, json } = await send('sam', { method: 'POST', url: '/impersonate/3/', headers: { accept: 'application/json' }, payload: { reason } })
      const meant = reason.replaceAll('\0', '\ufffd').toWellFormed().trim()
      // What takes up room and cannot be seen does not count.
      const visible = meant.replace(/\s+/gu, ' ').replace(/[\p{C}\u2800\u3164]/gu, '').trim()
      const isGood = [...visible].length >= 3 && [...meant].length <= 1000
      if (statusCode !== (isGood ? 201 : 422)) throw new Error(`${statusCode}`)
      const row = isGood ? await prisma.impersonationLog.findUnique({ where: { id: json().impersonation.id } }) : null
      if (isGood && row.reason !== meant) throw new Error(`kept as ${row.reason}`)
    }), runs(60))
    t.pass()
  })

  t.test('a cookie that is forged, cut, changed, replayed or somebody else\'s makes nobody another person', async t => {
    const scene = await createScene(t, open)
    const { app, cookies, mask } = scene
    const ended = await mask()
    await app.inject({ method: 'POST', url: '/impersonate/stop/', headers: { cookie: cookies('masked') } })
    const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const changes: Array<(key: string) => string> = [
      key => key, () => ended, () => '', key => hashKey(key), key => key.toUpperCase(), key => [...key].reverse().join(''), key => `"${key}"`, key => `${key}=`, key => `s:${key}.sig`,
      key => `%${key.charCodeAt(0).toString(16)}${key.slice(1)}`, key => `${key},${key}`, key => `${key}; impersonation=${key}`, key => `${key}; impersonation=`, key => `x; impersonation=${key}`,
      key => `${key}\t`, () => 'null', () => 'A'.repeat(27), () => '_'.repeat(27), () => 'x'.repeat(9000), key => `${key}\u00e9`
    ]
    const change = fc.oneof(
      fc.constantFrom(...changes),
      fc.nat({ max: 26 }).map(length => (key: string) => key.slice(0, length)),
      fc.tuple(fc.nat({ max: 26 }), fc.constantFrom(...ALPHABET)).map(([at, letter]) => (key: string) => key.slice(0, at) + letter + key.slice(at + 1)),
      headerText(fc.string({ maxLength: 30 })).map(text => () => text),
      headerText(fc.string({ minLength: 1, maxLength: 3 })).map(text => (key: string) => key + text)
    )
    const names = fc.constantFrom('impersonation', 'impersonation', 'impersonation', '__Host-impersonation', 'Impersonation', 'ximpersonation', 'impersonation ')
    const owners = fc.constantFrom('masked', 'masked', 'sam', 'cleo', 'nobody')
    const ids: Record<string, number | null> = { masked: 2, sam: 2, cleo: 4, nobody: null }
    const check = async (who: string, name: string, changed: (key: string) => string) => {
      const key = await mask()
      const forged = changed(key)
      const cookie = `${cookies(who).replace(/;? ?impersonation=[^;]*/, '')}; ${name}=${forged}`
      const { statusCode, json } = await app.inject({ url: '/who', headers: { cookie, accept: 'application/json' } })
      const [pair, ...others] = cookie.split(';').map(one => one.trim()).filter(one => one.startsWith('impersonation='))
      const isGood = who === 'masked' && pair === `impersonation=${key}` && others.length === 0
      const { user, impersonator } = json()
      if (isGood ? user !== 3 || impersonator !== 2 : !(statusCode === 409 && who !== 'nobody') && (user !== ids[who] || impersonator !== null)) throw new Error(`${statusCode} ${JSON.stringify(json())}`)
    }
    for (const changed of changes) for (const who of Object.keys(ids)) await check(who, 'impersonation', changed)
    await fc.assert(fc.asyncProperty(owners, names, change, check), runs(120))
    t.pass()
  })

  t.test('a person\'s own sign-in cookie cannot be made into another person\'s', async t => {
    const { app, cookies, mask } = await createScene(t, open)
    const key = await mask()
    const signIn = decodeURIComponent(cookies('masked').replace(/;? ?impersonation=[^;]*/, '').replace('sessionId=', ''))
    await fc.assert(fc.asyncProperty(fc.nat({ max: signIn.length - 1 }), fc.constantFrom(...'aZ0-_.'), async (at, letter) => {
      const forged = signIn.slice(0, at) + letter + signIn.slice(at + 1)
      if (forged === signIn) return
      const who = (await whoIs(app, `sessionId=${encodeURIComponent(forged)}; impersonation=${key}`)).user
      if (who !== null) throw new Error(`as ${String(who)}`)
      await mask()
    }), runs(60))
    t.pass()
  })
}

async function whoIs (app: FastifyInstance, cookie: string): Promise<{ user: unknown }> {
  return (await app.inject({ url: '/who', headers: { cookie, accept: 'application/json' } })).json()
}
