// Checked by `npm run types`, never run. What must not compile stands under @ts-expect-error.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import impersonate, { errors, memoryUsers, prismaUsers, type EndReason, type ImpersonateOptions, type SessionEvent, type User, type UserSource } from '../dist/index.js'

declare const app: FastifyInstance
declare const request: FastifyRequest
declare const reply: FastifyReply
declare const prisma: import('../dist/prisma/generated/sqlite/client.js').PrismaClient

// Without Register a user is what the default options look at.
const id: string | number | bigint | undefined = request.user?.id
const flag: true | undefined = request.user?.isImpersonate
const impersonator: User | null = request.impersonator
const real: User | null = request.realUser
const until: Date | null | undefined = request.impersonation?.expiresAt
// @ts-expect-error the impersonator is for reading
request.impersonator = null
// @ts-expect-error nobody may be signed in
request.user.id.toString()

// Options and hooks are inferred.
await app.register(impersonate, {
  users: memoryUsers([{ id: 1, username: 'ada', isStaff: true }]),
  customAllow: request => request.user?.isStaff === true,
  customUserQueryset: async request => ({ team: request.ip }),
  readOnly: request => request.method === 'POST',
  onSessionBegin: event => { const name: string = event.log.impersonatorName; return name === '' ? undefined : undefined },
  onSessionEnd: async ({ endReason }) => { const reason: EndReason | null = endReason; await Promise.resolve(reason) },
  cookie: { sameSite: 'strict' },
  banner: { position: 'bottom' },
  prisma
})
// @ts-expect-error an unknown option
await app.register(impersonate, { users: memoryUsers([]), maxDurations: 3 })
// @ts-expect-error a wrong type
const wrong: ImpersonateOptions = { maxDuration: '3' }
// @ts-expect-error a wrong lookup
const lookup: ImpersonateOptions = { lookupType: 'regex' }
// @ts-expect-error users without ids
memoryUsers([{ name: 'ada' }])

// A Prisma model's rows and its where.
const log = prismaUsers(prisma.impersonationLog)
const row: Promise<{ id: string, impersonatorName: string } | null> = log.findById('1', { readOnly: true })
// @ts-expect-error a where that the model does not have
await log.findById('1', { nobody: true })
const source: UserSource = memoryUsers([{ id: 'a', email: null }])

// fastify.impersonate
const url: string = app.impersonate.url('start', { userId: 3n })
const link: Promise<string> = app.impersonate.link(request, { id: 3 }, { openNewWindow: true })
const started = await app.impersonate.start(request, reply, '3')
const banner: string = app.impersonate.banner(request)
const startedAt: Date = started.impersonation.startedAt
app.impersonate.addHook('onSessionEnd', (event: SessionEvent) => { app.log.info(event.log.id) })
// @ts-expect-error no such hook
app.impersonate.addHook('onSessionMiddle', () => {})
// @ts-expect-error no such route
app.impersonate.url('begin')

app.get('/', { config: { impersonateRoute: 'stop' } }, async () => new errors.FST_IMPERSONATE_NOT_AUTHENTICATED().code)

export { banner, flag, id, impersonator, link, lookup, real, row, source, startedAt, until, url, wrong }

declare const routed: import('fastify').FastifyInstance
routed.get('/', { config: { impersonation: 'deny' } }, async () => '')
routed.get('/', { config: { impersonation: { keepAlive: false } } }, async () => '')
// @ts-expect-error: no such mode
routed.get('/', { config: { impersonation: 'denyy' } }, async () => '')
// @ts-expect-error: not a mode
routed.get('/', { config: { impersonation: 42 } }, async () => '')

// Whatever the server, type provider and logger are.
declare const overHttp2: import('fastify').FastifyInstance<import('node:http2').Http2Server>
declare const overTls2: import('fastify').FastifyInstance<import('node:http2').Http2SecureServer>
declare const overTls: import('fastify').FastifyInstance<import('node:https').Server>
await overHttp2.register(impersonate, { readOnly: true })
await overTls2.register(impersonate, { readOnly: true })
overHttp2.post<{ Params: { id: string } }>('/', async (request, reply) => {
  await overHttp2.impersonate.start(request, reply, request.params.id, { reason: 'Ticket 7' })
  await overHttp2.impersonate.stop(request, reply)
  return [await overHttp2.impersonate.isAllowed(request), overHttp2.impersonate.isStale(request, 'none')]
})
overTls2.get('/', async request => overTls2.impersonate.banner(request) + overTls2.impersonate.script(request))
overTls.get('/', async request => await overTls.impersonate.isAllowedFor(request, { id: 3 }))
app.withTypeProvider<import('@fastify/type-provider-typebox').TypeBoxTypeProvider>()
  .get('/', async request => await app.impersonate.isAllowed(request))
// @ts-expect-error a name is no request
app.impersonate.isAllowed('ada')

// The errors have types of their own, and are not `any`.
const refused: { code: string, statusCode: number } = new errors.FST_IMPERSONATE_FORBIDDEN()
// @ts-expect-error no such field
refused.nobody satisfies string
// @ts-expect-error it takes a text
errors.FST_IMPERSONATE_INVALID_INPUT()
