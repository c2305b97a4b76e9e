import t, { type Test } from 'tap'
import type { User } from '../../dist/lib/types/index.js'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'

async function signedIn (t: Test, options: BuildOptions = {}, id = 2) {
  const someone = browser(await build(t, options))
  await someone.signIn(id)
  return someone
}

const html = { accept: 'text/html' }

t.test('the list is everyone in scope, by id, with who may be impersonated', async t => {
  const sam = await signedIn(t)
  const response = await sam.getJson('/impersonate/list/')
  t.equal(response.statusCode, 200)
  const { users, ...rest } = response.json()
  t.strictSame(users[2], { id: '3', name: "Carl O'Brien", allowed: true, username: 'carl', firstName: 'Carl', lastName: "O'Brien", email: 'carl@example.com' })
  t.strictSame(users.map(({ id, allowed }: { id: string, allowed: boolean }) => [id, allowed]), [
    ['1', false], ['2', false], ['3', true], ['4', true], ['5', false], ['6', false]
  ])
  t.strictSame(rest, {
    page: { number: 1, hasNext: false, hasPrevious: false, next: null, previous: null },
    paginator: { count: 6, countIsExact: true, numPages: 1, perPage: 20 }
  })
})

t.test('a superuser sees superusers as allowed where allowSuperuser says so', async t => {
  const ada = await signedIn(t, { allowSuperuser: true }, 1)
  const { users } = (await ada.getJson('/impersonate/list/')).json()
  t.strictSame(users.map(({ allowed }: { allowed: boolean }) => allowed), [false, true, true, true, false, true])
})

t.test('no password and no unlisted field is ever in an answer', async t => {
  const sam = await signedIn(t, { searchFields: ['username'] })
  for (const response of [await sam.getJson('/impersonate/list/'), await sam.get('/impersonate/list/', html), await sam.getJson('/impersonate/search/?q=carl')]) {
    t.notMatch(response.body, /hash-of-a-secret|example\.com|password/)
  }
})

t.test('fields that are null, or neither text nor number, are null', async t => {
  const odd = { ...person(7, 'odd'), firstName: null, lastName: true } as never
  const sam = await signedIn(t, { people: [...people(), odd] })
  const [user] = (await sam.getJson('/impersonate/search/?q=odd')).json().users
  t.strictSame(user, { id: '7', name: 'odd', allowed: true, username: 'odd', firstName: null, lastName: null, email: 'odd@example.com' })
  t.match((await sam.get('/impersonate/search/?q=odd', html)).body, '<mark>odd</mark>@example.com')
})

t.test('search fields called name, id or allowed do not change what these say', async t => {
  const sam = await signedIn(t, { people: people().map(user => ({ ...user, name: 'x', allowed: 'yes' })), searchFields: ['username', 'name', 'id', 'allowed'] })
  const [user] = (await sam.getJson('/impersonate/search/?q=carl')).json().users
  t.strictSame(user, { username: 'carl', id: '3', name: "Carl O'Brien", allowed: true })
})

t.test('words of a search are ANDed, its fields ORed', async t => {
  const sam = await signedIn(t)
  const found = async (q: string) => (await sam.getJson(`/impersonate/search/?q=${q}`)).json().users.map(({ id }: { id: string }) => id)
  t.strictSame(await found('car+brien'), ['3'])
  t.strictSame(await found('car+cleo'), [])
  t.strictSame(await found('++c++'), ['1', '2', '3', '4', '5', '6'])
  t.strictSame((await sam.getJson('/impersonate/search/?q=CARL')).json().query, 'CARL')
  t.strictSame((await sam.getJson('/impersonate/search/')).json().query, '')
})

t.test('the scope holds for list and search', async t => {
  const sam = await signedIn(t, { customUserQueryset: () => (user: User) => user.id === 4 })
  t.equal((await sam.getJson('/impersonate/list/')).json().paginator.count, 1)
  t.strictSame((await sam.getJson('/impersonate/search/?q=carl')).json().users, [])
})

t.test('pages have addresses that lead through all of them', async t => {
  const sam = await signedIn(t, { paginateCount: 2, redirectFieldName: 'next' })
  const seen: string[] = []
  let url: string | null = '/impersonate/search/?q=example&next=/orders'
  let last
  while (url !== null) {
    last = (await sam.getJson(url)).json()
    seen.push(...last.users.map(({ id }: { id: string }) => id))
    url = last.page.next
  }
  t.strictSame(seen, ['1', '2', '3', '4', '5', '6'])
  t.strictSame(last.page, { number: null, hasNext: false, hasPrevious: true, next: null, previous: '/impersonate/search/?q=example&next=%2Forders&before=5' })
  t.equal(last.paginator.numPages, 3)
})

t.test('a page past the end is empty, with a way back', async t => {
  const sam = await signedIn(t, { paginateCount: 2 })
  const { users, page } = (await sam.getJson('/impersonate/list/?page=9')).json()
  t.strictSame(users, [])
  t.strictSame(page, { number: 9, hasNext: false, hasPrevious: true, next: null, previous: '/impersonate/list/?page=8' })
  t.match((await sam.get('/impersonate/list/?page=9', html)).body, 'There is nobody on this page')
})

t.test('counting stops at countLimit, and the page says so', async t => {
  const sam = await signedIn(t, { paginateCount: 2, countLimit: 4 })
  const { paginator } = (await sam.getJson('/impersonate/list/')).json()
  t.strictSame(paginator, { count: 4, countIsExact: false, numPages: 2, perPage: 2 })
  t.match((await sam.get('/impersonate/list/', html)).body, '4+ people')
})

for (const [query, words] of [
  ['page=no', '"page" in the query takes a whole number from 1'],
  ['page=1e3', '"page" in the query takes a whole number from 1'],
  ['page=0', '"page" in the query takes a whole number from 1'],
  ['page=', '"page" in the query takes a whole number from 1'],
  ['page=1&page=2', '"page" in the query takes a whole number from 1'],
  [`q=${'x'.repeat(201)}`, '"q" in the query takes a text of at most 200 characters']
]) {
  t.test(`a search with ?${query?.slice(0, 20)} is 400 and names the field`, async t => {
    const sam = await signedIn(t)
    const response = await sam.getJson(`/impersonate/search/?${query}`)
    t.equal(response.statusCode, 400)
    t.match(response.json(), { statusCode: 400, code: 'FST_IMPERSONATE_INVALID_INPUT', error: 'Bad Request', message: words })
    const page = await sam.get(`/impersonate/search/?${query}`, html)
    t.equal(page.statusCode, 400)
    t.match(page.headers['content-type'], 'text/html')
  })
}

t.test('the page has a form for each who may be impersonated, and none else', async t => {
  const sam = await signedIn(t)
  const { body } = await sam.get('/impersonate/list/', html)
  t.strictSame([...body.matchAll(/method="post" action="([^"]+)"/g)].map(match => match[1]), ['/impersonate/3/', '/impersonate/4/'])
})

t.test('hostile names are text, and there is no inline script or style', async t => {
  const sam = await signedIn(t, { people: [...people(), person(7, '"><script>alert(1)</script>', { firstName: "'onload='x", email: '<img src=x onerror=alert(1)>' })] })
  for (const url of ['/impersonate/list/', '/impersonate/search/?q=%22%3E%3Cscript%3E']) {
    const { body } = await sam.get(url, html)
    t.match(body, '&lt;script&gt;')
    t.notMatch(body, /<script(?! type="module" src="\/impersonate\/-\/[\w.-]+"><\/script>)|<img|<style|style=| on\w+="|javascript:/i)
    t.notMatch(body, "'onload='")
  }
  t.match((await sam.get('/impersonate/7/', html)).body, '&#39;onload=&#39;x')
})

t.test('where to go next is carried through search, pages and forms', async t => {
  const sam = await signedIn(t, { redirectFieldName: 'go', paginateCount: 3 })
  const { body } = await sam.get('/impersonate/list/?go=/orders%3Fa=1%26b=2', html)
  t.match(body, '<input type="hidden" name="go" value="/orders?a=1&amp;b=2">')
  t.match(body, '<input type="hidden" name="next" value="/orders?a=1&amp;b=2">')
  t.match(body, 'href="/impersonate/list/?go=%2Forders%3Fa%3D1%26b%3D2&amp;after=3"')
  t.match((await sam.get('/impersonate/search/?q=c&go=/orders', html)).body, 'href="/impersonate/list/?go=%2Forders"')
})

t.test('where a link from elsewhere wants to go is dropped', async t => {
  const sam = await signedIn(t, { redirectFieldName: 'go' })
  t.notMatch((await sam.get('/impersonate/list/?go=//evil.example', html)).body, 'evil')
})

t.test('a search that finds nobody says so', async t => {
  const sam = await signedIn(t)
  t.match((await sam.get('/impersonate/search/?q=nobody-at-all', html)).body, 'Nobody matches')
})

t.test('templates get what those of django-impersonate get', async t => {
  const views = t.testdir({ 'list.eta': '<%~ JSON.stringify(it) %>', 'search.eta': '<%~ JSON.stringify(it) %>' })
  const sam = await signedIn(t, { views, databaseUrl: `file:${views}/log.db`, redirectFieldName: 'go', paginateCount: 4 })
  const list = JSON.parse((await sam.get('/impersonate/list/', html)).body)
  t.equal(list.users.length, 4)
  t.match(list, { pageNumber: 1, query: '', redirect: '', redirectField: null, paginator: { count: 6 }, page: { number: 1, hasNext: true } })
  const search = JSON.parse((await sam.get('/impersonate/search/?q=c&page=1&go=/a', html)).body)
  t.match(search, { query: 'c', redirect: '?go=%2Fa', redirectField: { name: 'go', value: '/a' } })
})

t.test('someone not signed in is sent to sign in and back to the very page', async t => {
  const nobody = browser(await build(t))
  t.equal((await nobody.get('/impersonate/search/?q=carl', html)).headers.location, '/login?next=%2Fimpersonate%2Fsearch%2F%3Fq%3Dcarl')
  t.equal((await nobody.getJson('/impersonate/list/')).statusCode, 401)
})

t.test('the scope is never asked for someone who may not impersonate', async t => {
  let asked = 0
  const carl = await signedIn(t, { customUserQueryset: () => { asked++; return () => true } }, 3)
  t.equal((await carl.getJson('/impersonate/list/')).json().code, 'FST_IMPERSONATE_FORBIDDEN')
  t.equal(asked, 0)
})

t.test('the status says as whom this browser is seen', async t => {
  const app = await build(t)
  const sam = browser(app)
  const nobody = { isImpersonate: false, user: null, impersonator: null, impersonation: null }
  t.strictSame((await sam.getJson('/impersonate/status/')).json(), nobody)
  await sam.signIn(2)
  t.strictSame((await sam.getJson('/impersonate/status')).json(), { ...nobody, user: { id: '2', name: 'sam' } })
  const { impersonation } = (await sam.postJson('/impersonate/3/')).json()
  const response = await sam.getJson('/impersonate/status/')
  t.strictSame(response.json(), { isImpersonate: true, user: { id: '3', name: "Carl O'Brien" }, impersonator: { id: '2', name: 'sam' }, impersonation })
  t.equal(response.headers['cache-control'], 'private, no-store')
})
