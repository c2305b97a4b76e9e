// An application with its own PrismaClient: a start, a look, a stop and a log; then one more start, which is left running.
import assert from 'node:assert/strict'
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import impersonate, { prismaUsers, type User } from 'fastify-impersonate'
import { impersonate as asSomebody } from 'fastify-impersonate/testing'
import type { User as UserRow } from './generated/client.js'
import { prisma } from './prisma.js'

declare module 'fastify-impersonate' {
  interface Register { user: UserRow }
}

await prisma.user.createMany({ data: [{ username: 'ada', isSuperuser: true }, { username: 'sam', isStaff: true }, { username: "Carl O'Brien" }] })
const [ada, sam, carl] = await prisma.user.findMany({ orderBy: { id: 'asc' } })
assert.ok(ada && sam && carl)
const before = await prisma.impersonationLog.findMany()

const app = Fastify()
await app.register(cookie)
await app.register(impersonate, {
  prisma,
  users: prismaUsers(prisma.user),
  getRealUser: async (request): Promise<User | null> => await prisma.user.findUnique({ where: { username: String(request.headers['x-user']) } })
})
app.get('/', async request => ({ user: request.user?.username, realUser: request.realUser?.username }))

const by = { headers: { 'x-user': 'sam' } }
const asCarl = await asSomebody(app, { as: carl.id, by })
assert.deepEqual((await app.inject({ url: '/', ...asCarl })).json(), { user: "Carl O'Brien", realUser: 'sam' })
await app.inject({ method: 'POST', url: app.impersonate.url('stop'), ...asCarl })
const found = await app.inject({ url: '/impersonate/search/?q=O%27BRIEN', headers: { ...by.headers, accept: 'application/json' } })
assert.deepEqual(found.json().users.map(({ name }: { name: string }) => name), ["Carl O'Brien"])
const log = await app.inject({ url: '/impersonate/log/', headers: { 'x-user': 'ada', accept: 'application/json' } })
assert.equal(log.json().logs[0].endReason, 'stopped')
assert.equal(log.json().paginator.count, before.length + 1)
for (const row of before) assert.deepEqual(await prisma.impersonationLog.findUnique({ where: { id: row.id } }), row)

await asSomebody(app, { as: carl.id, by })
await app.close()
await prisma.$disconnect()
console.log(`a start, a look, a stop, a search and a log entry, beside ${before.length} older ones`)
