import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { browser, build } from '../kit/build.js'
import { faulty, openLog } from '../kit/database.js'
import { onSqlite, testRaces } from './races.suite.js'

t.setTimeout(600_000)

const START = Date.parse('2026-01-31T12:00:00Z')
type Browser = ReturnType<typeof browser>

testRaces(t, onSqlite, Number(process.env['RACE_ROUNDS'] ?? 40))

t.test('a start does not report the end of what a colleague ended between its reading and its writing', async t => {
  const prisma = await openLog(t)
  const ends: unknown[] = []
  let meanwhile = async (): Promise<unknown> => undefined
  const app = await build(t, {
    prisma: faulty(prisma, {
      findUnique: async (args, real) => {
        const row = await real(args)
        if (Object.hasOwn(Object(Reflect.get(Object(args), 'where')), 'openKey')) await meanwhile()
        return row
      }
    }),
    onSessionEnd: ({ log, endReason }) => { ends.push([log.id, endReason]) }
  })
  const sam = browser(app)
  await sam.signIn(2)
  const { id } = (await sam.postJson('/impersonate/3/')).json().impersonation
  sam.jar.delete('impersonation')
  meanwhile = async () => await app.impersonate.sessions.end(id)
  t.equal((await sam.postJson('/impersonate/4/')).statusCode, 201)
  t.same(ends, [[id, 'revoked']])
  t.match(await prisma.impersonationLog.findUnique({ where: { id } }), { endReason: 'revoked' })
})

const noticing: Record<string, (scene: { app: FastifyInstance, sam: Browser, sue: Browser, id: string, key: string }) => Promise<unknown>> = {
  'a colleague who ends it': async ({ app, id }) => await app.impersonate.sessions.end(id),
  'a start that replaces it': async ({ sam }) => {
    sam.jar.delete('impersonation')
    return await sam.postJson('/impersonate/4/')
  },
  'a request with its key from another person': async ({ sue, key }) => {
    sue.jar.set('impersonation', key)
    return await sue.getJson('/who')
  },
  'a stop': async ({ sam }) => await sam.postJson('/impersonate/stop/'),
  'a sweep': async ({ app }) => await app.impersonate.sweep()
}
for (const [name, notice] of Object.entries(noticing)) {
  t.test(`${name} after its deadline finds that it ended then, and by nobody`, async t => {
    const prisma = await openLog(t)
    const clock = { at: START }
    const ends: unknown[] = []
    const app = await build(t, { prisma, maxDuration: 60, now: () => clock.at, onSessionEnd: ({ endReason }) => { ends.push(endReason) } })
    const [sam, sue] = [browser(app), browser(app)]
    await sam.signIn(2)
    await sue.signIn(6)
    const { id } = (await sam.postJson('/impersonate/3/')).json().impersonation
    clock.at += 3_600_000
    await notice({ app, sam, sue, id, key: sam.jar.get('impersonation') ?? '' })
    t.match(await prisma.impersonationLog.findUnique({ where: { id } }), { endReason: 'expired', sessionEndedAt: new Date(START + 60_000), endedById: null })
    t.same(ends, ['expired'])
  })
}
