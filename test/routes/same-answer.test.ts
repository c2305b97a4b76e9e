import t, { type Test } from 'tap'
import { memoryUsers } from '../../dist/index.js'
import type { UserQuery } from '../../dist/lib/types/index.js'
import { browser, build, people, type BuildOptions, type TestUser } from '../kit/build.js'

// A superuser is refused to staff. That cleo is out of scope, nobody but the scope knows.
const REFUSED = { unknown: '404', 'out of scope': '4', 'a superuser': '1', inactive: '5', oneself: '2' }
const scope = (user: TestUser) => user.id !== 4

/** sam, in front of an application that counts how often it asks who somebody is. */
async function withSam (t: Test, options: BuildOptions = {}) {
  const source = memoryUsers(people())
  const asked: Array<{ id: string, scoped: boolean }> = []
  const causes: unknown[] = []
  const app = await build(t, {
    users: {
      findPage: async (query: UserQuery<never>) => await source.findPage(query),
      findById: async (id: string, scope?: never) => {
        asked.push({ id, scoped: scope !== undefined })
        return await source.findById(id, scope)
      }
    },
    customUserQueryset: () => scope,
    redirectFieldName: 'next',
    server: { logger: { level: 'warn', stream: { write: (line: string) => { causes.push(JSON.parse(line).refusal) } } } },
    ...options
  })
  const sam = browser(app)
  await sam.signIn(2)
  return { sam, asked, causes }
}

const HTML = { accept: 'text/html' }
const JSON_ONLY = { accept: 'application/json' }
const NAVIGATION = { ...HTML, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

interface Way { name: string, method: 'GET' | 'POST', headers: Record<string, string>, payload?: (id: string) => object, url?: (id: string) => string }

const ways: Way[] = [
  { name: 'a form', method: 'POST', headers: { ...HTML, 'content-type': 'application/x-www-form-urlencoded' } },
  { name: 'JSON', method: 'POST', headers: JSON_ONLY, payload: () => ({ reason: 'a ticket' }) },
  { name: 'a click', method: 'GET', headers: NAVIGATION },
  { name: 'a GET that proves nothing', method: 'GET', headers: HTML },
  { name: 'a GET of a script', method: 'GET', headers: JSON_ONLY },
  { name: 'the address for ids that are page names', method: 'POST', headers: HTML, url: () => '/impersonate/-/start/', payload: userId => ({ userId, reason: 'a ticket' }) },
  { name: 'the same in JSON', method: 'POST', headers: JSON_ONLY, url: () => '/impersonate/-/start/', payload: userId => ({ userId, reason: 'a ticket' }) }
]

/** All that a client gets, but for the time and the sign-in's own cookie, which says nothing of the answer. */
async function answers (t: Test, way: Way, options: BuildOptions) {
  const { sam, asked, causes } = await withSam(t, options)
  const found = []
  for (const [cause, id] of Object.entries(REFUSED)) {
    asked.length = 0
    const { method, headers, payload, url = id => `/impersonate/${id}/` } = way
    const response = await sam.send({
      method, url: `${url(id)}?next=/somewhere`, headers, ...(payload === undefined ? {} : { payload: payload(id) })
    })
    const { date, 'set-cookie': cookies, ...rest } = response.headers
    t.notMatch(String(cookies), 'impersonation=', `${cause}: no cookie of the plugin's`)
    found.push({ cause, id, status: response.statusCode, body: response.body, headers: rest, lookUps: asked.filter(one => one.id === id && id !== '2') })
  }
  return { found, causes }
}

for (const way of ways) {
  for (const requireReason of [false, true]) {
    t.test(`${way.name} ${requireReason ? 'with' : 'without'} required reasons is told the same of everybody who is no target`, async t => {
      const { found, causes } = await answers(t, way, { requireReason })
      const [first] = found
      if (first === undefined) throw new Error('nothing was asked')
      const isAsked = requireReason && way.name === 'a form'
      // Before anybody is looked up the page asks for the reason again, for the very id that it was given.
      const plain = (one: typeof first) => isAsked ? one.body.replaceAll(`/impersonate/${one.id}/`, '/impersonate/ID/') : one.body
      t.equal(first.status, isAsked ? 422 : 404)
      for (const one of found) {
        t.equal(one.status, first.status, `${one.cause}: status`)
        t.equal(plain(one), plain(first), `${one.cause}: body`)
        if (!isAsked) t.same(one.headers, first.headers, `${one.cause}: headers`)
        t.ok(one.headers['x-frame-options'] === 'DENY' && one.headers['cache-control'] === 'no-store', `${one.cause}: it is a page of the plugin's`)
      }
      t.same(causes, isAsked ? [] : Object.keys(REFUSED), 'the server\'s log knows the causes')
    })
  }

  t.test(`${way.name} costs the same look-ups for everybody who is no target`, async t => {
    const { found } = await answers(t, way, {})
    for (const one of found) {
      if (one.cause !== 'oneself') t.same(one.lookUps, [{ id: one.id, scoped: true }, { id: one.id, scoped: false }], one.cause)
    }
  })
}

t.test('a person who may be impersonated is answered otherwise', async t => {
  for (const way of ways) {
    const { sam } = await withSam(t)
    const { method, headers, payload, url = id => `/impersonate/${id}/` } = way
    const response = await sam.send({ method, url: url('3'), headers, ...(payload === undefined ? {} : { payload: payload('3') }) })
    t.ok([200, 201, 302].includes(response.statusCode), way.name)
  }
})

t.test('where superusers may be impersonated, staff is told the same of a superuser as of nobody', async t => {
  const { sam } = await withSam(t, { allowSuperuser: true })
  const [superuser, nobody] = [await sam.postJson('/impersonate/6/'), await sam.postJson('/impersonate/404/')]
  t.equal(superuser.statusCode, 404)
  t.equal(superuser.body, nobody.body)
})
