import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import impersonate, { memoryUsers, prismaUsers, type ImpersonateOptions } from '../../dist/index.js'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'
import { sqliteClient } from '../kit/prisma.js'

/** What somebody meets in the first five minutes: each tells what to do next. */
async function logged (t: Test, options: BuildOptions, use: (app: FastifyInstance) => Promise<unknown>): Promise<string> {
  const lines: string[] = []
  const stream = { write (line: string) { lines.push(line) } }
  const app = await build(t, { server: { logger: { level: 'info', stream } }, ...options })
  await app.ready()
  await use(app)
  return lines.map(line => String(JSON.parse(line).msg)).filter(line => !/^(incoming request|request completed)$/.test(line)).join('\n')
}

async function refusal (options: ImpersonateOptions, before: (app: FastifyInstance) => Promise<unknown> = async app => { await app.register(cookie); await app.register(session, { secret: 'a secret of at least thirty-two characters' }) }) {
  const app = Fastify()
  try {
    await before(app)
    await app.register(impersonate, options)
    await app.ready()
  } catch (error) {
    return error
  }
  throw new Error('It started')
}

const users = memoryUsers(people())

t.test('registered before @fastify/cookie', async t => {
  t.match(await refusal({ users }, async () => {}), { code: 'FST_IMPERSONATE_MISSING_COOKIE', message: 'await app.register(cookie)' })
})

t.test('registered before the session', async t => {
  t.match(await refusal({ users }, async app => { await app.register(cookie) }), {
    code: 'FST_IMPERSONATE_MISSING_SESSION', message: 'Register @fastify/session or @fastify/secure-session before fastify-impersonate, or give the option "getRealUser"'
  })
})

t.test('no users, or a bare array of them', async t => {
  t.match(await refusal({}), { message: /"users" is missing: give it prismaUsers\(prisma\.user\), memoryUsers\(\[…\]\) or your own/ })
  t.match(await refusal({ users: people() as never }), { message: /findById and findPage: prismaUsers\(prisma\.user\), memoryUsers/ })
})

t.test('no client, or one without the bundled model', async t => {
  t.match(await refusal({ users, prisma: 'file:./dev.db' as never }), { message: 'The option "prisma" takes a PrismaClient, but got \'file:./dev.db\'' })
  t.match(await refusal({ users, prisma: { user: {} } as never }), { message: /copy node_modules\/fastify-impersonate\/prisma\/impersonation-log\.prisma .*npx prisma migrate dev/ })
})

t.test('the client\'s database has not been migrated', async t => {
  const prisma = await sqliteClient(t)
  await prisma.$executeRawUnsafe('DROP TABLE "ImpersonationLog"')
  const error = await refusal({ users, prisma })
  t.match(error, { code: 'FST_IMPERSONATE_DATABASE', message: /lacks the table ImpersonationLog.*run npx prisma migrate dev/ })
})

t.test('another database than the two', async t => {
  const error = await refusal({ users, databaseUrl: 'mysql://root:secret@localhost/app' })
  t.match(error, { message: /for another database give "prisma" a client of your own\), but got 'mysql:'/ })
  t.match(await refusal({ users, databaseUrl: './dev.db' }), { message: /takes a file: or postgresql: address/ })
  t.match(await refusal({ users, databaseUrl: 5 as never }), { message: /but got 5/ })
})

t.test('a model without isSuperuser', async t => {
  const prisma = await sqliteClient(t)
  t.match(await refusal({ users: prismaUsers<any>(prisma.impersonationLog), searchFields: ['impersonatorName'] }), {
    message: /"isSuperuser" is missing: the user model has no boolean field of that name \(but readOnly\)\. Give it a function such as/
  })
  const noFlags = { ...memoryUsers(people()), booleanFields: [] }
  t.match(await refusal({ users: noFlags }), { message: /\(but none\)/ })
})

t.test('users without isSuperuser are named where they are listed', async t => {
  const { isSuperuser, ...carl } = person(3, 'carl')
  const log = await logged(t, { users: memoryUsers([person(2, 'sam', { isStaff: true }), carl]) }, async app => {
    const sam = browser(app)
    await sam.signIn(2)
    t.match((await sam.getJson('/impersonate/list/')).json(), { users: [{}, { id: '3', allowed: false }] })
  })
  t.match(log, 'users whose "isSuperuser" is not a boolean cannot be impersonated: give the option of that name a function')
})

t.test('a cookie that the plugin\'s own pages would not get', async t => {
  t.match(await refusal({ users, cookie: { path: '/app' } }), { message: /"cookie\.path" takes a path that the plugin's own pages \(\/impersonate\) are below/ })
})

t.test('a start that leads to an excluded page', async t => {
  t.match(await logged(t, { redirectUrl: '/admin/users' }, async () => {}), 'a start leads to "redirectUrl" (/admin/users), which "uriExclusions" leaves to the real user')
  t.equal(await logged(t, { redirectUrl: '/users', databaseUrl: `file:${t.testdir()}/other.db` }, async () => {}), '')
})

t.test('a cookie for https, given by http', async t => {
  const start = async (app: FastifyInstance) => {
    const sam = browser(app)
    await sam.signIn(2)
    await sam.postJson('/impersonate/3/')
  }
  t.match(await logged(t, { cookie: { secure: true } }, start), '"cookie.secure" is true, but this start came by http')
})

t.test('a session for https, on http: nobody is ever signed in', async t => {
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'info', stream: { write (line: string) { lines.push(line) } } } })
  t.teardown(async () => { await app.close() })
  await app.register(cookie)
  await app.register(session, { secret: 'a secret of at least thirty-two characters' })
  await app.register(impersonate, { users, databaseUrl: `file:${t.testdir()}/log.db` })
  t.equal((await app.inject('/impersonate/list/')).headers.location, '/login?next=%2Fimpersonate%2Flist%2F')
  t.match(lines.join(), /Sign in first: the session's cookie is for https alone.*cookie: { secure: 'auto' }.*trustProxy/)
})

for (const [what, options, hint] of [
  ['nobody is in the session', {}, 'there is no session.userId; set it at sign-in, or say with the option "getRealUser"'],
  ['getRealUser finds nobody', { getRealUser: () => null }, '"getRealUser" returned nobody']
] as const) {
  t.test(`not signed in: ${what}`, async t => {
    const log = await logged(t, options, async app => { await app.inject('/impersonate/list/') })
    t.equal(log, `Sign in first: ${hint}${'getRealUser' in options ? '' : ' who is signed in'}`)
  })
}

t.test('not signed in: the session has an id that no user has, or that is not the user\'s own', async t => {
  const list = async (app: FastifyInstance) => {
    const nobody = browser(app)
    await nobody.signIn(99)
    await nobody.get('/impersonate/list/')
    await nobody.signIn(2)
    await nobody.get('/impersonate/list/')
  }
  const missing = 'Sign in first: the users have none with the id that is in session.userId'
  const other = 'fastify-impersonate: a user was found by an id that is not the user\'s own, and so not used: "userId" and findById have to mean the same'
  t.equal(await logged(t, { userId: user => String(user.username) }, list), [missing, other, missing].join('\n'))
})

for (const [what, options, id, path, hint] of [
  ['no flag is set', {}, 3, 'list', 'neither "isStaff" nor "isSuperuser" of the signed-in user is true'],
  ['staff are not enough', { requireSuperuser: true }, 2, 'list', '"isSuperuser" of the signed-in user is not true, which "requireSuperuser" asks for'],
  ['customAllow says no', { customAllow: () => false }, 2, 'list', '"customAllow" did not return true'],
  ['inactive', {}, 5, 'list', '"isActive" of the signed-in user is not true'],
  ['the log is for superusers', {}, 2, 'log', '"isSuperuser" of the signed-in user is not true; see the option "adminAllow"'],
  ['adminAllow says no', { adminAllow: () => false }, 1, 'sessions', '"adminAllow" did not return true']
] as const) {
  t.test(`not let in: ${what}`, async t => {
    const log = await logged(t, options, async app => {
      const somebody = browser(app)
      await somebody.signIn(id)
      t.equal((await somebody.get(`/impersonate/${path}/`)).headers.location, '/')
    })
    t.equal(log, `You may not do this: ${hint}`)
  })
}
