import t, { type Test } from 'tap'
import { run, until } from '../kit/built.js'

// Each test starts a process or two of its own, which takes its time on a busy machine.
t.setTimeout(120_000)

/** One for all tests here, because filling it takes longest. */
const folder = t.testdir()
const demo = await startDemo(t)

async function startDemo (t: Test) {
  const demo = run(['demo/server.mjs'], { PORT: '0', HOST: '127.0.0.1', DATABASE_URL: '', DEMO_DATA: folder })
  t.teardown(() => { demo.child.kill('SIGKILL') })
  const [, address = ''] = await until(demo, /is at (http:\S+)[\s\S]*Ctrl/)
  return { ...demo, address }
}

/** A browser as plain as curl: a cookie jar, forms, no redirects followed. */
function visitor (address: string) {
  const jar = new Map<string, string>()
  async function send (path: string, init: RequestInit = {}) {
    const response = await fetch(address + path, {
      redirect: 'manual', ...init, headers: { accept: 'text/html', cookie: [...jar].map(pair => pair.join('=')).join('; '), ...init.headers }
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    return { status: response.status, location: response.headers.get('location'), text: await response.text() }
  }
  return {
    get: async (path: string) => await send(path),
    getJson: async (path: string) => JSON.parse((await send(path, { headers: { accept: 'application/json' } })).text),
    post: async (path: string, fields: Record<string, string> = {}, headers = {}) => await send(path, { method: 'POST', body: new URLSearchParams(fields), headers }),
    signIn: async (username: string) => await send('/login', { method: 'POST', body: new URLSearchParams({ username, password: 'demo' }) })
  }
}

t.test('staff sees the help desk as a customer, writes as them, stops, and the log has it', async t => {
  for (const role of ['superuser', 'staff', 'customer']) t.match(demo.output.text, role, 'an account to try')

  const sam = visitor(demo.address)
  t.match(await sam.get('/notes'), { status: 302, location: '/login?next=%2Fnotes' })
  t.equal((await sam.post('/login', { username: 'sam', password: 'wrong' })).status, 401)
  t.match(await sam.signIn('sam'), { status: 302, location: '/' })
  t.match((await sam.get('/')).text, 'Hello, Sam')
  t.match((await sam.get('/admin-users')).text, /2000 people[\s\S]*action="\/impersonate\/3\/"/)
  t.match((await sam.get('/impersonate/list/')).text, 'Carl Reed')
  t.match(await sam.getJson('/impersonate/search/?q=carl%20reed'), { users: [{ id: '3', name: 'Carl Reed', allowed: true }] })

  t.match(await sam.post('/impersonate/3/', { next: '/notes' }, { referer: `${demo.address}/admin-users` }), { status: 302, location: '/notes' })
  const notes = (await sam.get('/notes')).text
  t.match(notes, /as <b><bdi>Carl Reed<\/bdi>[\s\S]*<bdi>Sam Carter<\/bdi>/, 'the banner says both')
  t.match(notes, 'action="/impersonate/stop/"')
  t.match((await sam.get('/account')).text, 'carl@example.com')
  t.match(await sam.post('/notes', { text: 'Toner <ordered>' }), { status: 302, location: '/notes' })
  t.match((await sam.get('/notes')).text, /Toner &lt;ordered&gt;[\s\S]*as Carl Reed, by Sam Carter/)
  t.equal((await sam.get('/admin-users')).status, 403, 'a customer is no staff')
  t.match((await sam.get('/admin/')).text, /You are <strong>Sam Carter/, 'excluded: the real user')

  t.match(await sam.post('/impersonate/stop/'), { status: 302, location: '/admin-users' })
  t.match((await sam.get('/')).text, 'Hello, Sam')
  t.match(await sam.get('/impersonate/log/'), { status: 302, location: '/' })

  const ada = visitor(demo.address)
  await ada.signIn('ada')
  t.match(await ada.getJson('/impersonate/log/'), {
    logs: [{ impersonator: { id: '2', name: 'Sam Carter' }, impersonating: { id: '3', name: 'Carl Reed' }, endReason: 'stopped' }]
  })

  const carl = visitor(demo.address)
  await carl.signIn('carl')
  t.match((await carl.get('/')).text, /Toner[\s\S]*by Sam Carter/)
  t.equal((await carl.get('/admin-users')).status, 403)
})

t.test('a sign-in leads to paths of the help desk only', async t => {
  const leads = []
  for (const next of ['/notes?page=2', '//evil.example/', 'https://evil.example/', '/..//evil.example', '/\\evil.example']) {
    leads.push((await visitor(demo.address).post('/login', { username: 'carl', password: 'demo', next })).location)
  }
  t.strictSame(leads, ['/notes?page=2', '/', '/', '/', '/'])
})

t.test('SIGTERM and SIGINT stop it with exit code 0, and what was done is there again after', async t => {
  for (const [signal, found] of [['SIGTERM', false], ['SIGINT', true]] as const) {
    const again = await startDemo(t)
    const carl = visitor(again.address)
    await carl.signIn('carl')
    t.equal((await carl.get('/notes')).text.includes('still here'), found)
    await carl.post('/notes', { text: 'still here' })
    again.child.kill(signal)
    t.equal(await again.exit, 0, signal)
  }
})

t.test('a port that is taken is told in one sentence, with exit code 1', async t => {
  const { port } = new URL(demo.address)
  const second = run(['demo/server.mjs'], { PORT: port, HOST: '127.0.0.1', DATABASE_URL: '', DEMO_DATA: folder })
  t.equal(await second.exit, 1)
  t.equal(second.output.text, `Port ${port} on 127.0.0.1 is taken already: stop what runs there, or choose another one with PORT=3001 npm start\n`)
})

t.test('a wrong PORT or DATABASE_URL is told in one sentence, with exit code 1', async t => {
  for (const [env, words] of [[{ PORT: 'http' }, /^PORT takes a number.*\n$/], [{ DATABASE_URL: 'mysql://there' }, /^The demo cannot start: .*"databaseUrl".*\n$/]] as const) {
    const wrong = run(['demo/server.mjs'], { PORT: '0', DATABASE_URL: '', DEMO_DATA: folder, ...env })
    t.equal(await wrong.exit, 1)
    t.match(wrong.output.text, words)
  }
})

t.test('it does not outlive the shell that `npm start` runs it in', async t => {
  const shell = 'require("node:child_process").spawn(process.execPath, ["demo/server.mjs"], { stdio: "inherit" })'
  const npm = run(['-e', shell], { PORT: '0', HOST: '127.0.0.1', DATABASE_URL: '', DEMO_DATA: folder, npm_lifecycle_event: 'start' })
  await until(npm, /Ctrl/)
  npm.child.kill('SIGKILL')
  await npm.exit
  t.pass('what it printed to is closed')
})
