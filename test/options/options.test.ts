import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import impersonate, { memoryUsers, prismaUsers } from '../../dist/index.js'
import { readOptions } from '../../dist/lib/options/read.js'
import { people } from '../kit/build.js'
import { sqliteClient } from '../kit/prisma.js'

const CODE = 'FST_IMPERSONATE_INVALID_OPTION'
const users = memoryUsers(people())

/** What registering the plugin with these options throws, where everything else is right. */
async function refusal (options: any, prefix = ''): Promise<any> {
  const app = Fastify()
  try {
    await app.register(cookie)
    await app.register(session, { secret: 'a secret of at least thirty-two characters' })
    await app.register(async scope => { await scope.register(impersonate, { users, ...options }) }, { prefix })
    return null
  } catch (error) {
    if (app.hasRequestDecorator('impersonator') || app.hasDecorator('impersonate')) throw new Error('it was decorated all the same')
    return error
  } finally {
    await app.close()
  }
}

const notBoolean = [null, 0, 'true', {}, () => true]
const notFunction = [null, true, 'name', {}]
const notWhole = [null, 0, -1, 1.5, NaN, Infinity, '20', 2 ** 53]
const booleans = ['useHttpReferer', 'requireSuperuser', 'allowSuperuser', 'disableLogging', 'adminDeletePermission', 'adminAddPermission', 'adminReadOnly', 'startByGet', 'hideRoutes']
const functions = ['customUserQueryset', 'customAllow', 'getRealUser', 'signInId', 'isSuperuser', 'isStaff', 'isActive', 'userId', 'displayName', 'adminAllow', 'onSessionBegin', 'onSessionEnd']
const numbers = ['paginateCount', 'maxFilterSize', 'countLimit', 'timeout']

const WRONG: Record<string, unknown[]> = {
  ...Object.fromEntries(booleans.map(name => [name, notBoolean])),
  ...Object.fromEntries(functions.map(name => [name, notFunction])),
  ...Object.fromEntries(numbers.map(name => [name, notWhole])),
  prefix: [null, '', '/', '//', '/a b', '/:id', '/*', 5, '/a?b'],
  redirectUrl: [null, '', 'home', '//evil.example', 'https://evil.example/', '/\\evil', 5],
  loginUrl: [null, '', 'login', '//evil.example', 'ftp://example.com', 'javascript:alert(1)', 'https://', 5],
  readOnly: [null, 1, 'GET', {}],
  uriExclusions: [null, 'admin', [''], [5], ['('], /admin/, {}],
  redirectFieldName: [null, '', 'a b', 'q', 'page', 'after', 'before', 'reason', 'userId', 5],
  searchFields: [null, [], 'email', [''], [5]],
  lookupType: [null, 'regex', 'ICONTAINS', 5],
  maxDuration: [0, -1, NaN, Infinity, '60', true],
  idleTimeout: [0, -1, NaN, Infinity, '60', true],
  abandonedAfter: [null, 0, -1, NaN, Infinity, '60', true],
  requireReason: [null, 'yes', 1, [], () => true],
  users: [null, {}, [], { findById: () => null }, 5],
  prisma: [null, {}, [], { impersonationLog: {} }, 5],
  databaseUrl: [null, '', 'file:', 'file:./x.db?mode=ro', 'mysql://x', 'postgresql:x', 'postgresql://a:b:c:d', 5],
  cookie: [null, 'name', [], 5],
  trustedOrigins: [null, 'https://a.example', ['a.example'], ['https://a.example/'], ['https://a.example/x'], ['*'], [null], [5], ['https://A.example']],
  views: [null, '', '/no/such/folder', import.meta.filename, 5],
  now: [null, 5, () => NaN, () => 'now', () => new Date()]
}

for (const [name, values] of Object.entries(WRONG)) {
  t.test(`${name} refuses what it does not take`, async t => {
    for (const value of values) {
      const error = await refusal({ [name]: value })
      t.ok(error instanceof TypeError, `${name}: ${String(value)}`)
      t.equal(error?.code, CODE)
      t.match(error?.message, new RegExp(`^The option "${name}" takes .+, (but got|which this one lacks) ?.+`))
    }
  })
}

t.test('a cookie option refuses each wrong attribute by name', async t => {
  for (const [attribute, value] of [
    ['name', ''], ['name', '__Host-x'], ['name', 'a b'], ['name', 'a;b'], ['name', 5], ['path', ''], ['path', 'x'], ['path', '/a;b'], ['path', '/\n'], ['path', 5],
    ['sameSite', 'Lax'], ['sameSite', true], ['secure', 'yes'], ['secure', null], ['domain', '.example.com'], ['domain', ''], ['domain', 'https://example.com'],
    ['domain', 'example.com:80'], ['domain', 'a;b'], ['domain', null], ['partitioned', 'yes'], ['partitioned', null], ['maxAge', 5], ['httpOnly', false], ['constructor', 1]
  ] as const) {
    const error = await refusal({ cookie: { [attribute]: value } })
    t.equal(error?.code, CODE, `${attribute}: ${String(value)}`)
    t.match(error?.message, `"cookie.${attribute}"`)
  }
})

t.test('a cookie with sameSite none has to be secure', async t => {
  t.match((await refusal({ cookie: { sameSite: 'none', secure: false } }))?.message, '"cookie.secure"')
  t.equal(await refusal({ cookie: { sameSite: 'none', secure: 'auto', name: undefined }, disableLogging: true }), null)
})

t.test('a partitioned cookie has to be secure', async t => {
  t.match((await refusal({ cookie: { partitioned: true, secure: false } }))?.message, '"cookie.secure" takes true or "auto" with partitioned')
  for (const cookie of [{ partitioned: false, secure: false }, { partitioned: true }, { partitioned: true, secure: true, domain: 'app.example.com' }]) {
    t.equal(await refusal({ cookie, disableLogging: true }), null, JSON.stringify(cookie))
  }
})

t.test('the password of a database is in no message', async t => {
  t.notMatch((await refusal({ databaseUrl: 'mysql://me:secret@host/db' })).message, 'secret')
})

for (const [name, nearest] of Object.entries({
  CUSTOM_READ_ONLY: 'readOnly',
  customReadOnly: 'readOnly',
  READ_ONLY: 'readOnly',
  MAX_DURATION: 'maxDuration',
  IMPERSONATE_REDIRECT_URL: 'redirectUrl',
  LOOKUP_TYPE: 'lookupType',
  paginateCont: 'paginateCount',
  redirectURL: 'redirectUrl',
  user: 'users'
})) {
  t.test(`the unknown option ${name} leads to ${nearest}`, async t => {
    const error = await refusal({ [name]: 1 })
    t.ok(error instanceof TypeError)
    t.match(error, { code: CODE, message: `There is no option "${name}"; did you mean "${nearest}"?` })
  })
}

t.test('options that exclude each other are refused', async t => {
  const prisma = await sqliteClient(t)
  for (const [options, ...named] of [
    [{ prisma, databaseUrl: 'file:./x.db' }, 'prisma', 'databaseUrl'],
    [{ prisma, disableLogging: true }, 'prisma', 'disableLogging'],
    [{ databaseUrl: 'file:./x.db', disableLogging: true }, 'databaseUrl', 'disableLogging']
  ] as const) {
    const error = await refusal(options)
    t.equal(error?.code, CODE)
    for (const name of named) t.match(error?.message, `"${name}"`)
  }
})

t.test('users have to come from somewhere', async t => {
  t.match(await refusal({ users: undefined, disableLogging: true }), { code: CODE, message: /"users" is missing/ })
})

t.test('users come from prisma.user where nothing else is said', async t => {
  t.equal(await refusal({ users: undefined, prisma: await sqliteClient(t) }), null)
})

t.test('search fields have to be text or number fields of the model', async t => {
  const prisma = await sqliteClient(t)
  for (const field of ['nickname', 'isStaff', 'constructor']) {
    const error = await refusal({ prisma, users: prismaUsers(prisma.user), searchFields: ['username', field] })
    t.match(error, { code: CODE, message: `but got '${field}'` })
  }
  t.equal(await refusal({ prisma, users: prismaUsers(prisma.user), searchFields: ['email', 'id'] }), null)
})

t.test('a model with none of the usual text fields needs searchFields', async t => {
  const nameless = { ...users, textFields: ['nickname'] }
  t.match(await refusal({ users: nameless, disableLogging: true }), { code: CODE, message: /"searchFields" is missing.*nickname/ })
  t.equal(await refusal({ users: nameless, disableLogging: true, searchFields: ['nickname'] }), null)
  const { numberFields, ...numberless } = nameless
  t.ok(numberFields?.includes('id'))
  t.match(await refusal({ users: numberless, disableLogging: true, searchFields: ['id'] }), { code: CODE, message: '(nickname), but got \'id\'' })
})

t.test('no redirect leads to the plugin itself', async t => {
  for (const [option, value] of [
    ['redirectUrl', '/impersonate'], ['redirectUrl', '/impersonate/list/'], ['loginUrl', '/impersonate/?x'], ['redirectUrl', '/IMPERSONATE/'],
    ['redirectUrl', '/x/../impersonate/'], ['redirectUrl', '/%69mpersonate/list/'], ['redirectUrl', '/./impersonate#top']
  ] as const) {
    t.match(await refusal({ [option]: value }), { code: CODE, message: `"${option}"` }, value)
  }
  t.match(await refusal({ redirectUrl: '/support/mask/list', prefix: 'mask/' }, '/support'), { code: CODE })
  t.equal(await refusal({ redirectUrl: '/impersonated', disableLogging: true }), null)
  t.equal(await refusal({ loginUrl: 'https://login.example.com/impersonate/', disableLogging: true }), null)
})

t.test('everything that is right passes, and no options object is written to', async t => {
  const options = Object.freeze({
    users,
    prefix: '/mask/',
    redirectUrl: '/home?a=1',
    loginUrl: 'https://login.example.com/',
    readOnly: () => true,
    uriExclusions: Object.freeze([/^a/, '^b']),
    redirectFieldName: 'next',
    searchFields: Object.freeze(['username']),
    lookupType: 'exact',
    disableLogging: true,
    maxDuration: 0.5,
    cookie: Object.freeze({ name: 'mask', path: '/mask', sameSite: 'strict', secure: true }),
    trustedOrigins: Object.freeze(['https://admin.example.com', 'http://localhost:3000']),
    views: import.meta.dirname,
    onSessionBegin: () => {},
    onSessionEnd: () => {},
    now: Date.now,
    timeout: undefined,
    logLevel: 'warn',
    logSerializers: {}
  })
  const before = JSON.stringify(options)
  t.equal(await refusal(options), null)
  t.equal(JSON.stringify(options), before)
})

for (const [name, options, before, code, named] of [
  ['without @fastify/cookie', {}, async () => {}, 'FST_IMPERSONATE_MISSING_COOKIE', '@fastify/cookie'],
  ['without a session for the default getRealUser', {}, cookies, 'FST_IMPERSONATE_MISSING_SESSION', 'getRealUser'],
  ['without a session for disableLogging', { disableLogging: true, getRealUser: () => null }, cookies, 'FST_IMPERSONATE_MISSING_SESSION', 'disableLogging']
] as const) {
  t.test(`${name} it says what to register`, async t => {
    const app = Fastify()
    t.teardown(async () => { await app.close() })
    await before(app)
    await t.rejects(async () => { await app.register(impersonate, { users, ...options }) }, { code, message: new RegExp(`^Register .*${named}`) })
    t.notOk(app.hasDecorator('impersonate'))
    t.notOk(app.hasRequestDecorator('impersonator'))
  })
}

async function cookies (app: FastifyInstance): Promise<void> {
  await app.register(cookie)
}

t.test('a scope whose prefix has parameters is refused, as the pages would have no address', async t => {
  for (const prefix of ['/t/:tenant', '/files/*']) t.throws(() => readOptions({ users: memoryUsers([]) }, prefix), { code: 'FST_IMPERSONATE_INVALID_OPTION', message: prefix })
})

t.test('a cookie that the plugin\'s own pages would not get is refused, as nobody could stop', async t => {
  const users = memoryUsers([])
  for (const [path, prefix] of [['/app', '/impersonate'], ['/impersonate/x', '/impersonate'], ['/imp', '/impersonate']] as const) {
    t.throws(() => readOptions({ users, prefix, cookie: { path } }), { code: 'FST_IMPERSONATE_INVALID_OPTION', message: /cookie\.path/ })
  }
  for (const path of ['/', '/app', '/app/', '/app/impersonate']) t.ok(readOptions({ users, prefix: '/impersonate', cookie: { path } }, '/app'))
})
