import { readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import t, { type Test } from 'tap'
import { root, run, until } from '../kit/built.js'
import { impersonateAndStop, signedIn, startPage } from '../kit/pages.js'
import { visitor } from '../kit/visitor.js'

// Each recipe is a process of its own, which takes its time on a busy machine.
t.setTimeout(120_000)

const start = async (t: Test, name: string, env: NodeJS.ProcessEnv = {}) => await startPage(t, `docs/neighbours/${name}.md`, env)

for (const name of ['passport', 'secure-session', 'autoload']) {
  t.test(`the recipe for ${name} runs as it stands`, async t => {
    const { origin } = await start(t, name)
    await impersonateAndStop(t, await signedIn(origin))
  })
}

t.test('the recipe for jwt runs as it stands, with the token in a cookie', async t => {
  const { origin } = await start(t, 'jwt')
  const sam = await signedIn(origin)
  t.ok(sam.jar.has('token'))
  await impersonateAndStop(t, sam)
})

t.test('the recipe for jwt runs as it stands, with a bearer token', async t => {
  const { origin } = await start(t, 'jwt')
  const { token } = await visitor(origin).getJson('/login?id=1')
  await impersonateAndStop(t, visitor(origin, { authorization: `Bearer ${token}` }))
  t.strictSame(await visitor(origin, { authorization: 'Bearer forged' }).getJson('/'), {})
})

t.test('the recipe for better-auth runs as it stands', async t => {
  const port = await freePort()
  const { origin } = await start(t, 'better-auth', { PORT: port, BASE_URL: `http://localhost:${port}` })
  const sam = visitor(origin, { origin })
  await sam.send('/api/auth/sign-in/email', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ email: 'sam@example.com', password: 'a good password' })
  })
  const { users: [carl] } = await sam.getJson('/impersonate/search/?q=carl')
  await impersonateAndStop(t, sam, carl.id)
  await sam.send('/api/auth/sign-out', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  t.strictSame(await sam.getJson('/'), {})
})

t.test('the recipe for helmet runs as it stands, and its headers are on the pages', async t => {
  const { origin } = await start(t, 'helmet')
  const sam = await signedIn(origin)
  await impersonateAndStop(t, sam)
  const { headers, text } = await sam.get('/impersonate/list/')
  t.match(headers.get('content-security-policy'), /default-src 'self'.*frame-ancestors 'none'/)
  t.equal(headers.get('x-frame-options'), 'DENY')
  t.notMatch(text, /<script(?! [^>]*src=)|<style|style=/)
})

t.test('the recipe for rate-limit runs as it stands: the eleventh start within a minute is refused, a stop never', async t => {
  const { origin } = await start(t, 'rate-limit')
  const sam = await signedIn(origin)
  await impersonateAndStop(t, sam)
  const statuses = []
  for (const path of [...Array(5).fill('/impersonate/3/'), ...Array(5).fill('/impersonate/3')]) statuses.push((await sam.post(path)).status)
  t.strictSame(statuses, [404, 404, 404, 404, 404, 404, 404, 404, 404, 429])
  for (let stop = 0; stop < 20; stop++) t.equal((await sam.post('/impersonate/stop/')).status, 302)
  const carl = visitor(origin)
  await carl.get('/login?id=2')
  t.equal((await carl.post('/impersonate/1/')).status, 302, 'another person is counted apart')
})

t.test('the recipe for compress runs as it stands, and compresses the pages', async t => {
  const { origin } = await start(t, 'compress')
  const sam = await signedIn(origin, { 'accept-encoding': 'gzip' })
  await impersonateAndStop(t, sam)
  const { headers } = await sam.get('/impersonate/list/')
  t.equal(headers.get('content-encoding'), 'gzip')
})

t.test('the recipe for csrf-protection runs as it stands: its own routes want a token, the plugin\'s do not', async t => {
  const { origin } = await start(t, 'csrf-protection')
  const sam = await signedIn(origin)
  const { token } = await sam.getJson('/token')
  await impersonateAndStop(t, sam)
  const write = async (headers: Record<string, string>) => await sam.send('/note', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{}' })
  t.equal((await write({})).status, 403)
  await sam.post('/impersonate/2/')
  t.match(await write({ 'csrf-token': token }), { status: 200, text: '{"writtenAs":"carl"}' })
})

t.test('the recipe for otel runs as it stands: spans name the user and the impersonator', async t => {
  const { origin, app } = await start(t, 'otel')
  await impersonateAndStop(t, await signedIn(origin))
  await until(app, /'user\.id': '2',\s+'impersonator\.id': '1',\s+'impersonation\.id': '[0-9a-f-]{36}'/)
  await until(app, /'user\.id': '1',\s+'http\.response/)
})

t.test('the recipe for pino runs as it stands: no key, session or id is in the log', async t => {
  const { origin, app } = await start(t, 'pino')
  const sam = await signedIn(origin)
  await sam.post('/impersonate/2/')
  const secrets = [...sam.jar.values()]
  t.equal(secrets.length, 2)
  await sam.post('/impersonate/stop/')
  await sam.post('/impersonate/77/')
  await impersonateAndStop(t, sam)
  await until(app, /"userId":"\[Redacted\]"/)
  t.match(app.output.text, '"cookie":"[Redacted]"')
  for (const secret of secrets) t.notMatch(app.output.text, secret)
})

t.test('the recipe for a proxy runs as it stands: the cookie is for https, the log has the visitor\'s address', async t => {
  const { origin, folder } = await start(t, 'proxy')
  const sam = await signedIn(origin, { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'desk.example', 'x-forwarded-for': '203.0.113.7', origin: 'https://desk.example' })
  const { headers } = await sam.post('/impersonate/2/')
  t.match(headers.getSetCookie().join('\n'), /^__Host-impersonation=[\w-]{27}; Path=\/; HttpOnly; Secure; SameSite=Lax$/m)
  await sam.post('/impersonate/stop/')
  await impersonateAndStop(t, sam)
  t.equal((await sam.post('/impersonate/2/', {}, { origin: 'https://desk.example:8443' })).status, 403, 'another origin')
  const log = createClient({ url: `file:${join(folder, 'impersonate.db')}` })
  const { rows } = await log.execute('SELECT DISTINCT ipAddress FROM ImpersonationLog')
  log.close()
  t.match(rows, [{ ipAddress: '203.0.113.7' }])
})

t.test('the recipe for Drizzle runs as it stands, and its source passes the tests for sources', async t => {
  const { origin, folder } = await start(t, 'drizzle')
  const sam = await signedIn(origin)
  await impersonateAndStop(t, sam)
  t.match(await sam.getJson('/impersonate/search/?q=CUSTOM'), { users: [{ id: '2', name: 'carl' }], paginator: { count: 1 } })
  t.match(await sam.getJson('/impersonate/search/?q=olga'), { users: [] }, 'out of scope')
  t.equal((await sam.post('/impersonate/3/')).status, 404)

  const tests = run(['--test', '--test-reporter=tap', 'drizzle-users.test.mjs'], {}, folder)
  t.equal(await tests.exit, 0, tests.output.text)
  t.match(tests.output.text, /# pass [4-9]\d/)
})

t.test('every recipe has a test here, that for Redis in docs.test.ts', async t => {
  const tested = ['passport', 'secure-session', 'autoload', 'jwt', 'better-auth', 'helmet', 'rate-limit', 'compress', 'csrf-protection', 'otel', 'pino', 'proxy', 'redis', 'drizzle']
  t.strictSame(readdirSync(join(root, 'docs/neighbours')).map(file => file.replace('.md', '')).sort(), tested.sort())
})

async function freePort (): Promise<string> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return String(Object(address).port)
}
