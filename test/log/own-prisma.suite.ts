import type { Test } from 'tap'
import { prismaUsers } from '../../dist/index.js'
import { browser, build } from '../kit/build.js'

const BIG = 2n ** 52n

/** The plugin over an application's own PrismaClient, with users of three types of ids. */
export async function testOwnPrisma (t: Test, open: (t: Test) => Promise<unknown>): Promise<void> {
  const prisma: any = await open(t)
  await prisma.user.createMany({
    data: [
      { username: 'ada', isSuperuser: true }, { username: 'sam', isStaff: true }, { username: 'carl', firstName: 'Carl', lastName: "O'Brien" }
    ]
  })
  await prisma.member.createMany({ data: [{ id: 'm/1 é', username: 'mia', isSuperuser: true }, { id: 'list', username: 'lou' }] })
  await prisma.account.createMany({ data: [{ id: BIG, username: 'alf', isSuperuser: true }, { id: BIG + 1n, username: 'bea' }] })

  await t.test('users come from prisma.user by default, and the log is a table of the application', async t => {
    const app = await build(t, { prisma, users: undefined as never })
    const sam = browser(app)
    await sam.signIn(2)
    const { users } = (await sam.getJson('/impersonate/search/?q=brien')).json()
    t.strictSame(users, [{ id: '3', name: "Carl O'Brien", allowed: true, username: 'carl', firstName: 'Carl', lastName: "O'Brien", email: null }])
    t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
    t.match((await sam.getJson('/who')).json(), { user: 3, impersonator: 2 })
    t.equal(await prisma.impersonationLog.count({ where: { impersonatorId: '2', impersonatingId: '3', sessionEndedAt: null } }), 1)
    await sam.post('/impersonate/stop/')
    t.match(await prisma.impersonationLog.findFirst(), { endReason: 'stopped', openKey: null, impersonatorName: 'sam' })
  })

  await t.test('a where narrows who may be seen, and a user who leaves it is lost at once', async t => {
    const app = await build(t, { prisma, users: prismaUsers<any>(prisma.user) as never, customUserQueryset: () => ({ isActive: true }) })
    const sam = browser(app)
    await sam.signIn(2)
    await sam.postJson('/impersonate/3/')
    await prisma.user.update({ where: { id: 3 }, data: { isActive: false } })
    t.match((await sam.getJson('/who')).json(), { statusCode: 409, endReason: 'target_inactive' })
    await prisma.user.update({ where: { id: 3 }, data: { isActive: true } })
    await sam.postJson('/impersonate/stop/')
    t.match((await sam.getJson('/who')).json(), { user: 2, impersonator: null })
  })

  await t.test('ids are texts, also such as are names of pages or hard to put into an address', async t => {
    const app = await build(t, { prisma, users: prismaUsers<any>(prisma.member) as never, getRealUser: async request => await prisma.member.findUnique({ where: { id: String(request.headers['x-user']) } }) })
    const headers = { 'x-user': encodeURIComponent('m/1 é'), accept: 'application/json' }
    const list = await app.inject({ url: '/impersonate/list/', headers: { ...headers, 'x-user': Buffer.from('m/1 é').toString('latin1') } })
    t.equal(list.statusCode, 401, 'nobody of that name')
    const lou = await app.inject({ method: 'POST', url: '/impersonate/-/start/', payload: { userId: 'list' }, headers: { accept: 'application/json', 'x-user': 'list' } })
    t.equal(lou.statusCode, 403, 'who is no staff')
    await prisma.member.update({ where: { id: 'list' }, data: { isStaff: true } })
    await prisma.member.update({ where: { id: 'm/1 é' }, data: { isSuperuser: false } })
    const started = await app.inject({ method: 'POST', url: app.impersonate.url('start', { userId: 'm/1 é' }), headers: { accept: 'application/json', 'x-user': 'list' } })
    t.match(started.json(), { user: { id: 'm/1 é', name: 'mia' }, impersonator: { id: 'list' } })
  })

  await t.test('ids are bigints', async t => {
    const app = await build(t, { prisma, users: prismaUsers<any>(prisma.account) as never })
    const alf = browser(app)
    await alf.signIn(Number(BIG))
    const started = await alf.postJson(`/impersonate/${BIG + 1n}/`)
    t.match(started.json(), { user: { id: String(BIG + 1n), name: 'bea' }, impersonator: { id: String(BIG) } })
    t.match((await alf.getJson('/impersonate/status/')).json(), { isImpersonate: true, user: { id: String(BIG + 1n) } })
  })

  await t.test('however many starts of one sign-in arrive at once, one row is open after', async t => {
    const app = await build(t, { prisma, users: prismaUsers<any>(prisma.user) as never })
    const sam = browser(app)
    await sam.signIn(2)
    const cookie = [...sam.jar].map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('; ')
    const answers = await Promise.all(Array.from({ length: 12 }, async () => await app.inject({ method: 'POST', url: '/impersonate/3/', headers: { cookie, accept: 'application/json' } })))
    t.ok(answers.every(({ statusCode }) => statusCode === 201 || statusCode === 409), answers.map(({ statusCode }) => statusCode).join())
    const rows = await prisma.impersonationLog.findMany({ where: { impersonatorId: '2' } })
    t.equal(rows.filter((row: any) => row.sessionEndedAt === null).length, 1)
    t.equal(rows.filter((row: any) => row.openKey !== null).length, 1)
  })
}
