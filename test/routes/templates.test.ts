import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { root } from '../kit/built.js'
import { browser, build, people } from '../kit/build.js'

const html = { accept: 'text/html' }
const docs = readFileSync(join(root, 'docs/templates.md'), 'utf8')

/** The keys that the docs list under this heading. */
function documented (heading: string): string[] {
  const section = docs.split(/^## /m).find(text => text.startsWith(`${heading}\n`)) ?? ''
  return section.split('\n').filter(line => line.startsWith('| `')).flatMap(line => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, key = '']) => key))
}

const PAGES = ['list', 'search', 'log', 'log-entry', 'sessions', 'ask', 'ended', 'error', 'link']

/** Pages that each show the names of their data and nothing else. */
const NAMES = Object.fromEntries(PAGES.map(page => [`${page}.eta`, '<%~ JSON.stringify([...new Set(Object.keys(it))]) %>']))

/** ada, before pages of these templates. */
async function open (t: Test, templates: Record<string, string> = NAMES) {
  const views = t.testdir(templates)
  const app = await build(t, {
    views,
    databaseUrl: `file:${views}/log.db`,
    redirectFieldName: 'next',
    after (app) { app.get('/link', async (request, reply) => await reply.type('text/html').send(await app.impersonate.link(request, Object(people()[2])))) }
  })
  const ada = browser(app)
  await ada.signIn(1)
  return { app, ada }
}

t.test('the docs name the data of every template, all of it and nothing else', async t => {
  const { app, ada } = await open(t)
  const { impersonation } = (await ada.postJson('/impersonate/3/')).json()
  await ada.postJson('/impersonate/stop/')
  const sam = browser(app)
  await sam.signIn(2)
  const [session] = await Promise.all([sam.postJson('/impersonate/3/')])
  await ada.postJson(`/impersonate/sessions/${session.json().impersonation.id}/end/`)

  for (const [heading, someone, url] of [
    ['`list` and `search`', ada, '/impersonate/list/'],
    ['`list` and `search`', ada, '/impersonate/search/?q=carl'],
    ['`log`', ada, '/impersonate/log/'],
    ['`log-entry`', ada, `/impersonate/log/${impersonation.id}/`],
    ['`sessions`', ada, '/impersonate/sessions/'],
    ['`ask`', ada, '/impersonate/3/'],
    ['`error`', ada, '/impersonate/99/'],
    ['`link`', ada, '/link'],
    ['`ended`', sam, '/who']
  ] as const) {
    const keys: string[] = JSON.parse((await someone.get(url, html)).body)
    t.same(keys.sort(), [...documented('On every page'), ...documented(heading)].sort(), url)
  }
})

t.test('a broken template is a 500 that names the file, in JSON too', async t => {
  const templates = { 'list.eta': '<%~ include("./users", it) %>', 'users.eta': '<%= it.nobody.secret %>', 'log.eta': '<% if ( %>', 'sessions.eta': '<%= it.t("no.such") %>', 'error.eta': '<%= it.message %>' }
  const { ada } = await open(t, templates)
  for (const [url, file] of [['/impersonate/list/', 'users.eta'], ['/impersonate/log/', 'log.eta'], ['/impersonate/sessions/', 'sessions.eta']] as const) {
    const response = await ada.get(url, html)
    t.equal(response.statusCode, 500)
    t.equal(response.body, `The template ${file} is broken.`)
  }
})

t.test('where the page of errors is broken itself, that one is named', async t => {
  const { ada } = await open(t, { 'error.eta': '<%= it.nobody.secret %>' })
  const response = await ada.get('/impersonate/99/', html)
  t.equal(response.statusCode, 500)
  t.equal(response.body, 'The template error.eta is broken\n')
})

t.test('a page of an error that is the server\'s fault says by what it is found in the log', async t => {
  const ada = browser(await build(t, { server: { genReqId: () => 'request-7' }, onSessionBegin () { throw new Error('No') } }))
  await ada.signIn(1)
  t.match((await ada.get('/impersonate/99/', html)).body, 'Not found')
  t.notMatch((await ada.get('/impersonate/99/', html)).body, 'Reference')
  t.match((await ada.post('/impersonate/3/', undefined, html)).body, 'Reference: request-7')
})

t.test('where the page of an ended impersonation is broken, a plain one tells it, and only then is the browser let out', async t => {
  const everyone = people()
  const views = t.testdir({ 'ended.eta': '<%= it.nobody.secret %>' })
  const app = await build(t, { people: everyone, views, databaseUrl: `file:${views}/log.db` })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  Object.assign(Object(everyone[2]), { isActive: false })
  const response = await sam.send({ method: 'POST', url: '/who', headers: html })
  t.equal(response.statusCode, 409)
  t.equal(response.headers['content-type'], 'text/plain; charset=utf-8')
  t.equal(response.headers['cache-control'], 'private, no-store')
  t.equal(response.body, [
    'The impersonation is over', 'You saw the application as Carl O\'Brien.',
    'The account you saw is inactive. What you just asked for was not done.', 'You are sam again.', 'Go on: /'
  ].join('\n\n') + '\n')
  t.notOk(sam.jar.has('impersonation'))

  const stranger = await sam.get('/who', { ...html, cookie: `${[...sam.jar].map(pair => pair.join('=')).join('; ')}; impersonation=${'a'.repeat(27)}` })
  t.match(stranger.body, /^The impersonation is over\n\nNothing is known of it any more\. /)
})
