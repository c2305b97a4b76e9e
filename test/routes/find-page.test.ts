import t, { type Test } from 'tap'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'

const html = { accept: 'text/html' }

async function signedIn (t: Test, options: BuildOptions = {}, id = 2) {
  const someone = browser(await build(t, options))
  await someone.signIn(id)
  return someone
}

t.test('links between pages skip nobody and show nobody twice where people go meanwhile', async t => {
  const everyone = Array.from({ length: 9 }, (unused, index) => person(index + 1, `user${index + 1}`, { isStaff: index === 1 }))
  const sam = await signedIn(t, { people: everyone, paginateCount: 3 })
  const get = async (url: string) => {
    const { users, page } = (await sam.getJson(url)).json()
    return { ids: users.map(({ id }: { id: string }) => id), page }
  }
  const first = await get('/impersonate/list/')
  everyone.splice(0, 1)
  const second = await get(first.page.next)
  t.same([first.ids, second.ids], [['1', '2', '3'], ['4', '5', '6']])
  everyone.unshift(person(0, 'user0'))
  t.same((await get(second.page.previous)).ids, ['0', '2', '3'])
})

t.test('a cursor behind or before everybody leads back to the first page', async t => {
  const sam = await signedIn(t)
  t.match((await sam.getJson('/impersonate/search/?q=example&after=99')).json(), {
    users: [], page: { number: null, hasNext: false, hasPrevious: true, next: null, previous: '/impersonate/search/?q=example' }
  })
  t.match((await sam.getJson('/impersonate/list/?before=1')).json(), {
    users: [], page: { number: null, hasNext: true, hasPrevious: false, next: '/impersonate/list/', previous: null }
  })
  t.match((await sam.get('/impersonate/list/?before=1', html)).body, 'There is nobody on this page')
})

t.test('every kind of nothing is told', async t => {
  const nobody = await signedIn(t, { customUserQueryset: () => () => false })
  t.match((await nobody.get('/impersonate/list/', html)).body, 'There is nobody you may see')
  t.match((await nobody.get('/impersonate/search/?q=x', html)).body, 'Nobody matches “x”')
  const unlucky = await signedIn(t, { people: people().filter(({ isSuperuser, isStaff }) => isSuperuser || isStaff).map(user => ({ ...user, isActive: user.id === 2 })) })
  t.match((await unlucky.get('/impersonate/list/', html)).body, 'There is nobody here you may impersonate')
  t.notMatch((await (await signedIn(t)).get('/impersonate/list/', html)).body, 'nobody')
})

t.test('the links at the top lead to where one may go, and only there', async t => {
  const links = async (someone: Awaited<ReturnType<typeof signedIn>>, url: string) =>
    [...(await someone.get(url, html)).body.matchAll(/<li><a href="([^"]+)"( aria-current="page")?>/g)].map(([, href, current]) => `${href}${current === undefined ? '' : ' *'}`)
  const [find, sessions, log] = ['/impersonate/search/', '/impersonate/sessions/', '/impersonate/log/']
  const ada = await signedIn(t, {}, 1)
  t.same(await links(ada, find), [`${find} *`, sessions, log])
  t.same(await links(ada, sessions), [find, `${sessions} *`, log])
  t.same(await links(ada, log), [find, sessions, `${log} *`])
  t.same(await links(await signedIn(t), find), [`${find} *`])
  t.same(await links(await signedIn(t, { adminAllow: () => true, customAllow: () => false }), log), [sessions, `${log} *`])
  t.same(await links(await signedIn(t, { disableLogging: true }, 1), find), [`${find} *`])
})

t.test('a reason is asked for where one is required, with how long it has to be', async t => {
  const ask = async (options: BuildOptions) => (await (await signedIn(t, options)).get('/impersonate/search/?q=cleo', html)).body
  t.match(await ask({ requireReason: true }), /name="reason" required minlength="1" maxlength="1000"[^]*Why\? It is recorded/)
  t.match(await ask({ requireReason: { minLength: 12 } }), 'At least 12 characters')
  t.notMatch(await ask({}), 'name="reason"')
})

t.test('an error without a title of its own has one all the same', async t => {
  const failing = async (statusCode: number) => (await (await signedIn(t, { onSessionBegin () { throw Object.assign(new Error('A secret'), { statusCode }) } })).post('/impersonate/3/', undefined, html)).body
  t.match(await failing(502), /<h1>Something went wrong<\/h1>\s*<p>The start was stopped/)
  t.match(await failing(418), /<h1>This did not work<\/h1>/)
  const { body } = await (await signedIn(t, { before: app => app.addHook('preHandler', async request => { if (request.url.includes('list')) throw new Error('A secret') }) })).get('/impersonate/list/', html)
  t.match(body, /<h1>Something went wrong<\/h1>\s*<p>Try again\./)
  t.notMatch(body, 'secret')
})
