import t, { type Test } from 'tap'
import { errors, memoryUsers } from '../../dist/index.js'
import type { CookieOptions } from '../../dist/lib/types/index.js'
import { isLoopback } from '../../dist/lib/http/origin.js'
import german from '../../dist/lib/messages/de.js'
import { build, people, type BuildOptions } from '../kit/build.js'

type Headers = Record<string, string>
const json = { accept: 'application/json' }
const https = { 'x-forwarded-proto': 'https' }
const elsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://app.example.com' }
const script = { ...elsewhere, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
const frame = { ...elsewhere, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }
const wholePage = { ...elsewhere, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** Sam, by whatever request, in an application that one of another site may post to. */
async function open (t: Test, cookie: CookieOptions, more: BuildOptions = {}) {
  const lookedUp: string[] = []
  const users = memoryUsers(people())
  const app = await build(t, {
    cookie,
    server: { trustProxy: true },
    trustedOrigins: ['https://app.example.com'],
    getRealUser: () => people()[1],
    users: { ...users, async findById (id, scope) { lookedUp.push(id); return await users.findById(id, scope as never) } },
    after: app => { app.post('/own', async (request, reply) => await app.impersonate.start(request, reply, 3)) },
    ...more
  })
  const post = async (headers: Headers, url = '/impersonate/3/') => await app.inject({ method: 'POST', url, headers })
  const rows = async () => (await app.inject({ url: '/impersonate/log/', headers: json })).json().logs
  return { app, post, lookedUp, rows }
}

const DROPPED: Array<[string, CookieOptions, Headers, string]> = [
  ['a script of another site, with lax', {}, { ...script, ...https }, 'cookie.sameSite'],
  ['a script of another site, with strict', { sameSite: 'strict' }, { ...script, ...https }, 'cookie.sameSite'],
  ['a script of another site, partitioned without none', { partitioned: true }, { ...script, ...https }, 'cookie.sameSite'],
  ['a script of another site that tells its site alone', {}, { ...elsewhere, ...https, ...json }, 'cookie.sameSite'],
  ['a frame of another site', {}, { ...frame, ...https }, 'cookie.sameSite'],
  ['none over http', { sameSite: 'none' }, {}, 'cookie.sameSite'],
  ['none over http, for a script of another site', { sameSite: 'none' }, script, 'cookie.sameSite'],
  ['partitioned over http', { partitioned: true }, {}, 'cookie.partitioned'],
  ['secure over http', { secure: true }, { host: 'app.example.com' }, 'cookie.secure'],
  ['secure over http, at a host that only begins like one of this machine', { secure: true }, { host: 'localhost.example.com:80' }, 'cookie.secure'],
  ['secure over http, without a host that can be read', { secure: true }, { host: 'a b' }, 'cookie.secure']
]

for (const [what, cookie, headers, setting] of DROPPED) {
  t.test(`nothing starts where the browser must drop the cookie: ${what}`, async t => {
    const { post, lookedUp, rows } = await open(t, cookie, { adminAllow: () => true })
    const refused = await post({ ...headers, ...json })
    t.equal(refused.statusCode, 422, refused.body)
    t.equal(refused.json().code, 'FST_IMPERSONATE_COOKIE_DROPPED')
    t.match(refused.json().message, `"${setting}"`)
    t.notOk(refused.headers['set-cookie'])
    t.same(lookedUp, [], 'no target is looked up')
    t.same(await rows(), [], 'no row is written')
    const own = await post({ ...headers, ...json }, '/own')
    t.equal(own.statusCode, 422)
    t.equal(own.json().code, 'FST_IMPERSONATE_COOKIE_DROPPED')
  })
}

const KEPT: Array<[string, CookieOptions, Headers, string]> = [
  ['a form of another site that changes the whole page', {}, { ...wholePage, ...https }, '__Host-impersonation'],
  ['a script of a subdomain', {}, { ...script, 'sec-fetch-site': 'same-site', ...https }, '__Host-impersonation'],
  ['none over https, for a script of another site', { sameSite: 'none' }, { ...script, ...https }, '__Host-impersonation'],
  ['none, partitioned', { sameSite: 'none', partitioned: true }, { ...script, ...https }, '__Host-impersonation'],
  ['secure over http at localhost', { secure: true }, { host: 'localhost:3000' }, '__Host-impersonation'],
  ['lax over http', {}, { host: 'app.example.com' }, 'impersonation'],
  ['a domain over https', { domain: 'example.com' }, { host: 'app.example.com', ...https }, '__Secure-impersonation'],
  ['a domain over http', { domain: 'example.com' }, { host: 'app.example.com' }, 'impersonation']
]

for (const [what, cookie, headers, name] of KEPT) {
  t.test(`a cookie that is kept starts, and the next request has it: ${what}`, async t => {
    const { app, post } = await open(t, cookie)
    const started = await post(headers)
    t.ok(started.statusCode === 302 || started.statusCode === 201, started.body)
    const [given] = started.cookies
    t.equal(given?.name, name)
    t.equal(given?.domain, cookie.domain)
    t.equal(/; Partitioned\b/.test(String(started.headers['set-cookie'])), cookie.partitioned === true)
    const who = await app.inject({ url: '/who', headers: { ...headers, cookie: `${name}=${given?.value}` } })
    t.match(who.json(), { user: 3, impersonator: 2 })
    const stopped = await post({ ...headers, cookie: `${name}=${given?.value}` }, '/impersonate/stop/')
    const [cleared] = stopped.cookies
    t.match(cleared, { name, value: '' })
    t.equal(cleared?.domain, cookie.domain, 'a cookie is cleared where it was set')
  })
}

t.test('with a domain, over https, no other name than __Secure- is read', async t => {
  const { app, post } = await open(t, { domain: 'example.com' })
  const headers = { host: 'app.example.com', ...https }
  const key = (await post(headers)).cookies[0]?.value
  for (const name of ['impersonation', '__Host-impersonation']) {
    const who = await app.inject({ url: '/who', headers: { ...headers, cookie: `${name}=${key}` } })
    t.match(who.json(), { user: 2, impersonator: null }, name)
  }
})

t.test('a person gets a page that names the setting, in the language of the pages', async t => {
  const form = { ...frame, ...https, accept: 'text/html' }
  const { post } = await open(t, {})
  const page = await post(form)
  t.equal(page.statusCode, 422)
  t.match(page.headers['content-type'], 'text/html')
  t.match(page.body, '<title>Not possible in this browser</title>')
  t.match(page.body, /its setting \u2068cookie\.sameSite\u2069|its setting cookie\.sameSite/)
  const translated = await (await open(t, {}, { messages: german, databaseUrl: `file:${t.testdir()}/other.db` })).post(form)
  t.match(translated.body, 'cookie.sameSite')
  t.match(translated.body, 'In diesem Browser nicht möglich')
})

t.test('who may not impersonate, or does already, is told that first', async t => {
  const { post } = await open(t, { sameSite: 'none' }, { getRealUser: () => people()[2] })
  t.equal((await post(json)).json().code, 'FST_IMPERSONATE_FORBIDDEN')
})

t.test('a host that the domain does not hold is told to the server\'s log', async t => {
  const lines: string[] = []
  const server = { trustProxy: true, logger: { level: 'warn', stream: { write (line: string) { lines.push(line) } } } }
  const { post } = await open(t, { domain: 'example.com' }, { server })
  await post({ host: 'App.Example.com', ...https })
  await post({ host: 'example.com', ...https })
  t.same(lines, [])
  await post({ host: 'badexample.com', ...https })
  t.match(lines.join(''), '"cookie.domain\\" is example.com, but this start came to badexample.com'.replace('"', ''))
})

t.test('without a log there is no cookie of ours that could be dropped', async t => {
  const { post } = await open(t, {}, { disableLogging: true })
  t.equal((await post({ ...script, ...json })).statusCode, 201)
})

t.test('which hosts are this machine', async t => {
  for (const host of ['localhost', 'localhost:80', 'LOCALHOST', 'app.localhost:3000', '127.0.0.1', '127.1.2.3:80', '[::1]:3000']) t.ok(isLoopback(host), host)
  for (const host of ['', 'example.com', 'localhost.example.com', 'notlocalhost', '127.0.0.1.example.com', '128.0.0.1', '[::2]', 'a b', 'localhost@example.com']) t.notOk(isLoopback(host), host)
})

t.test('the error is exported', async t => {
  t.equal(new errors.FST_IMPERSONATE_COOKIE_DROPPED('why').statusCode, 422)
})
