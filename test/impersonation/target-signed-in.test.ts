import type { FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import { webSession } from '../../dist/lib/http/web-session.js'
import { browser, build, people, type BuildOptions } from '../kit/build.js'

const ENDED = { statusCode: 409, code: 'FST_IMPERSONATE_ENDED', endReason: 'target_signed_in' }

/** Sam, who sees the application as carl, and an application that signs carl in, as after a change of e-mail. */
async function open (t: Test, options: BuildOptions = {}) {
  const ends: unknown[] = []
  const errors: string[] = []
  const signInAgain = async (request: FastifyRequest) => {
    webSession(request)?.set('userId', '3')
    return {}
  }
  const app = await build(t, {
    server: { logger: { level: 'error', stream: { write: (line: string) => { errors.push(line) } } } },
    onSessionEnd: ({ log, endReason }) => { ends.push([endReason, log.endedById]) },
    ...options,
    after: async app => {
      app.post('/e-mail', signInAgain)
      // Here nothing is known of the impersonation.
      app.post('/admin/e-mail', signInAgain)
      await options.after?.(app)
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  return { app, sam, ends, errors }
}

const ways: Record<string, BuildOptions> = {
  '@fastify/session': {}, '@fastify/secure-session': { signIn: 'secure-session' }, 'no log': { disableLogging: true }
}
for (const [name, options] of Object.entries(ways)) {
  for (const url of ['/e-mail', '/admin/e-mail']) {
    t.test(`nobody goes on as the target whom ${url} has signed in (${name})`, async t => {
      const { sam, ends, errors } = await open(t, options)
      t.equal((await sam.post(url)).statusCode, 200)
      t.match((await sam.getJson('/who')).json(), ENDED)
      t.ok(errors.some(line => line.includes('has signed in the user who is seen') && line.includes('"impersonatorId":"2"')))
      t.match((await sam.getJson('/who')).json(), { user: null }, 'they are signed out')
      t.match((await sam.getJson('/impersonate/status/')).json(), { user: null })
      t.same(ends, [['target_signed_in', null]])
      await sam.signIn(3)
      t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: null }, 'who signs in as themselves is')
    })
  }
}

t.test('requests that come at once are refused all of them', async t => {
  const { app, sam, ends } = await open(t)
  await sam.post('/e-mail')
  const cookie = [...sam.jar].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ')
  const get = async (url: string) => await app.inject({ url, headers: { cookie, accept: 'application/json' } })
  const answers = await Promise.all(['/who', '/who', '/impersonate/status/', '/impersonate/list/'].map(get))
  for (const answer of answers) t.match(answer.json(), ENDED)
  t.same(ends, [['target_signed_in', null]])
})

t.test('a person is told, as nobody', async t => {
  const { sam } = await open(t)
  await sam.post('/e-mail')
  const page = await sam.click('/who')
  t.equal(page.statusCode, 409)
  t.match(page.body, 'it was signed out again')
  t.notMatch(page.body, /You are .* again/)
  t.match((await sam.click('/who')).json(), { user: null })
})

t.test('a stop does not let out as the target either', async t => {
  for (const url of ['/e-mail', '/admin/e-mail']) {
    const { sam, ends } = await open(t)
    await sam.post(url)
    t.same((await sam.postJson('/impersonate/stop/')).json(), { user: null, redirect: '/' })
    t.same(ends, [['target_signed_in', null]])
    t.match((await sam.getJson('/who')).json(), { user: null })
  }
})

t.test('with a sign-in of the application\'s own, which only it can end', async t => {
  const everyone = people()
  const seen: unknown[] = []
  const { sam, ends } = await open(t, {
    getRealUser: request => everyone.find(({ id }) => String(id) === webSession(request)?.get('userId')) ?? null,
    before: app => {
      app.setErrorHandler(async (error, request, reply) => {
        seen.push(request.user, request.realUser)
        return await reply.code(409).send({ code: Reflect.get(Object(error), 'code') })
      })
    }
  })
  await sam.post('/e-mail')
  for (let request = 0; request < 2; request++) {
    const answer = await sam.get('/who', { accept: 'application/json', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' })
    t.match(answer.json(), { code: 'FST_IMPERSONATE_ENDED' }, 'until it is acknowledged')
  }
  t.same(seen, [null, null, null, null])
  t.same(ends, [['target_signed_in', null]])
  t.notMatch((await sam.click('/who')).body, /You are .* again/)
  t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: null }, 'then it is as the application says')
})

t.test('a sign-out, and then a sign-in as the target, is none', async t => {
  const { sam, ends } = await open(t)
  await sam.signOut()
  await sam.signIn(3)
  t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: null })
  t.same(ends, [['logout', '2']])
})

t.test('a stop where nobody can tell who is signed in lets out', async t => {
  let isOdd = false
  const { sam, ends } = await open(t, { getRealUser: () => isOdd ? Object.create(null) : people()[1] })
  isOdd = true
  t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
  t.same(ends, [['stopped', null]])
})
