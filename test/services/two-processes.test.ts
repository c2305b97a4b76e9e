import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import type { PrismaClient } from '../../dist/prisma/generated/postgresql/client.js'
import { needsPostgresql, newDatabase } from '../kit/postgres.js'
import { startNode, visitor, type Node } from '../kit/processes.js'
import { needsRedis, newPrefix } from '../kit/redis.js'

t.setTimeout(600_000)

const ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 50)
const skip = (await needsPostgresql()).skip || (await needsRedis()).skip

/** Two processes over one log and one store of sign-ins, with sam signed in on the first and ada on the second. */
async function twoProcesses (t: Test) {
  const url = await newDatabase(t)
  const prefix = await newPrefix(t)
  const { client, close } = await openEmbedded(url)
  t.teardown(close)
  const [a, b] = await Promise.all([startNode(t, url, prefix), startNode(t, url, prefix)])
  const [sam, ada] = [visitor(), visitor()]
  await sam.send(a, 'POST', '/sign-in/2')
  await ada.send(b, 'POST', '/sign-in/1')
  const prisma = client as PrismaClient
  return { a, b, sam, ada, prisma, rows: async () => await prisma.impersonationLog.findMany({ orderBy: { id: 'asc' } }) }
}

/** What a process says comes a moment after its answer. */
async function until (isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; !await isSo(); tries++) {
    if (tries > 4000) throw new Error('It never came')
    await pause(5)
  }
}

t.test('two processes', { skip }, async t => {
  t.test('what starts on one is seen on the other, ended there by a colleague, and over on the first', async t => {
    const { a, b, sam, ada, rows } = await twoProcesses(t)
    const { status, json: { impersonation: { id } } } = await sam.send(a, 'POST', '/impersonate/3/')
    t.equal(status, 201)
    t.same((await sam.send(b, 'GET', '/who')).json, { user: 3, impersonator: 2, id })
    t.match((await ada.send(b, 'GET', '/impersonate/sessions/')).json.sessions, [{ id, impersonator: { id: '2' }, impersonating: { id: '3' } }])
    t.match((await ada.send(b, 'POST', `/impersonate/sessions/${id}/end/`)).json, { id, endReason: 'revoked', endedBy: { id: '1', name: 'ada' } })
    t.match(await sam.send(a, 'GET', '/who'), { status: 409, json: { code: 'FST_IMPERSONATE_ENDED', endReason: 'revoked' } })
    await sam.send(a, 'POST', '/impersonate/stop/')
    t.same((await sam.send(a, 'GET', '/who')).json, { user: 2, impersonator: null, id: null })
    t.match(await rows(), [{ id, endReason: 'revoked', endedById: '1' }])
    await until(() => b.ends.length > 0)
    t.same([a.ends, b.ends], [[], [[id, 'revoked']]], 'the hooks ran once, where it was ended')
  })

  t.test('a stop on one and a sign-out on one are ends on the other', async t => {
    const { a, b, sam, rows } = await twoProcesses(t)
    await sam.send(a, 'POST', '/impersonate/3/')
    const stopped = new Map(sam.jar)
    await sam.send(b, 'POST', '/impersonate/stop/')
    t.match(await sam.send(a, 'GET', '/who', stopped), { status: 409, json: { endReason: 'stopped' } })
    await sam.send(b, 'POST', '/impersonate/4/')
    const signedOut = new Map(sam.jar)
    await sam.send(a, 'POST', '/sign-out')
    t.same((await sam.send(b, 'GET', '/who', signedOut)).json, { user: null, impersonator: null, id: null })
    t.same((await rows()).map(row => row.endReason), ['stopped', 'logout'])
  })

  for (const [how, closeIt, reason] of [
    ['the sweep of another process closes its row', async ({ b }) => {
      await b.order({ advance: 3601 })
      return (await Promise.all([visitor().send(b, 'POST', '/sweep'), visitor().send(b, 'POST', '/sweep')]))[0]
    }, 'aborted'],
    ['the next start of the same sign-in closes its row', async ({ b, sam }) => await sam.send(b, 'POST', '/impersonate/4/'), 'replaced']
  ] as Array<[string, (scene: Awaited<ReturnType<typeof twoProcesses>>) => Promise<{ status: number | undefined }>, string]>) {
    t.test(`a process that is killed between the row and the answer starts nothing, and ${how}`, async t => {
      const scene = await twoProcesses(t)
      const { a, b, sam, rows } = scene
      await a.order({ hold: 'begin' })
      const start = sam.send(a, 'POST', '/impersonate/3/')
      await Promise.all([t.rejects(start), a.killAt('begin')])
      const [row] = await rows()
      t.match(row, { sessionEndedAt: null }, 'it was recorded first')
      t.notOk(sam.jar.has('impersonation'))
      t.same((await sam.send(b, 'GET', '/who')).json, { user: 2, impersonator: null, id: null })
      t.ok([200, 201].includes(Number((await closeIt(scene)).status)))
      const [found] = (await rows()).filter(({ id }) => id === row?.id)
      t.equal(found?.endReason, reason)
      t.equal(Number(found?.sessionEndedAt) === Number(row?.sessionStartedAt), reason === 'aborted', 'what never began ended when it started')
      await until(() => b.ends.length > 0)
      t.same(b.ends, [[row?.id, reason]])
    })
  }

  t.test('a process that is killed while it writes the row leaves nothing running', async t => {
    const { a, b, sam, prisma, rows } = await twoProcesses(t)
    await prisma.$transaction(async tx => {
      await tx.$executeRawUnsafe('LOCK TABLE "ImpersonationLog" IN EXCLUSIVE MODE')
      const start = sam.send(a, 'POST', '/impersonate/3/')
      start.catch(() => {})
      await until(async () => await waiting(prisma) > 0)
      await a.kill()
      await t.rejects(start)
    }, { timeout: 60_000 })
    await until(async () => await waiting(prisma) === 0)
    t.notOk(sam.jar.has('impersonation'))
    t.same((await sam.send(b, 'GET', '/who')).json, { user: 2, impersonator: null, id: null })
    await b.order({ advance: 3601 })
    await visitor().send(b, 'POST', '/sweep')
    t.same((await rows()).filter(row => row.sessionEndedAt === null), [])
  })

  for (const [how, next, reason] of [
    ['the person still sees the target and stops on another process', async ({ b, sam }) => await sam.send(b, 'POST', '/impersonate/stop/'), 'stopped'],
    ['the sweep of another process closes the row if the person does not come back', async ({ b }) => {
      await b.order({ advance: 3601 })
      await visitor().send(b, 'POST', '/sweep')
    }, 'abandoned']
  ] as Array<[string, (scene: Awaited<ReturnType<typeof twoProcesses>>) => Promise<unknown>, string]>) {
    t.test(`where a process is killed before a stop is recorded, ${how}`, async t => {
      const scene = await twoProcesses(t)
      const { a, b, sam, rows } = scene
      const { json: { impersonation: { id } } } = await sam.send(a, 'POST', '/impersonate/3/')
      await a.order({ hold: 'stop' })
      await Promise.all([t.rejects(sam.send(a, 'POST', '/impersonate/stop/')), a.killAt('stop')])
      t.same((await sam.send(b, 'GET', '/who')).json, { user: 3, impersonator: 2, id })
      const before = new Map(sam.jar)
      await next(scene)
      t.match(await rows(), [{ id, endReason: reason, openKey: null }])
      t.match(await sam.send(b, 'GET', '/who', before), { status: 409, json: { endReason: reason } })
      await until(() => b.ends.length > 0)
      t.same(b.ends, [[id, reason]])
    })
  }

  t.test('where a process is killed between a recorded stop and its answer, it is over everywhere and nothing brings it back', async t => {
    const { a, b, sam, rows } = await twoProcesses(t)
    const { json: { impersonation: { id } } } = await sam.send(a, 'POST', '/impersonate/3/')
    await a.order({ hold: 'end' })
    const before = new Map(sam.jar)
    await Promise.all([t.rejects(sam.send(a, 'POST', '/impersonate/stop/')), a.killAt('end')])
    t.match(await sam.send(b, 'GET', '/who'), { status: 409, json: { endReason: 'stopped' } })
    t.match(await sam.send(b, 'GET', '/who', before), { status: 409, json: { endReason: 'stopped' } })
    await sam.send(b, 'POST', '/impersonate/stop/')
    t.same((await sam.send(b, 'GET', '/who')).json, { user: 2, impersonator: null, id: null })
    t.match(await rows(), [{ id, endReason: 'stopped', endedById: '2' }])
    t.same([a.ends, b.ends], [[[id, 'stopped']], []])
    t.match(await rows(), [{ reportedAt: null }])
    await visitor().send(b, 'POST', '/sweep')
    t.same(b.ends, [], 'its process may still be at it')
    await b.order({ advance: 61 })
    for (let sweeps = 0; sweeps < 2; sweeps++) await visitor().send(b, 'POST', '/sweep')
    await until(() => b.ends.length > 0)
    t.same(b.ends, [[id, 'stopped']], 'the sweep of another process runs the hooks that were killed')
    t.match(await rows(), [{ reportedAt: Date }])
  })

  t.test('a row that is replaced by a process which is killed then is reported too', async t => {
    const { a, b, sam, rows } = await twoProcesses(t)
    const { json: { impersonation: { id } } } = await sam.send(a, 'POST', '/impersonate/3/')
    await a.order({ hold: 'end' })
    sam.jar.delete('impersonation')
    await Promise.all([t.rejects(sam.send(a, 'POST', '/impersonate/4/')), a.killAt('end')])
    await b.order({ advance: 61 })
    await visitor().send(b, 'POST', '/sweep')
    await until(() => b.ends.length > 0)
    t.same(b.ends, [[id, 'replaced']])
    await b.order({ advance: 600 })
    await visitor().send(b, 'POST', '/sweep')
    await until(() => b.ends.length > 1)
    t.match(await rows(), [{ endReason: 'replaced', reportedAt: Date }, { endReason: 'aborted', reportedAt: Date }], 'and what it had started ends as of its start')
  })

  t.test('races across both leave one row open, and end each row once', async t => {
    const { a, b, sam, ada, prisma, rows } = await twoProcesses(t)
    const wrong: unknown[] = []
    const expect = (isSo: boolean, ...seen: unknown[]) => { if (!isSo) wrong.push(seen) }
    const both = (work: (node: Node) => Promise<unknown>) => [a, b, a, b].map(work)
    const signIn = new Map(sam.jar)

    for (let round = 0; round < ROUNDS && wrong.length === 0; round++) {
      const starts = await Promise.all([a, b, a, b].map(async node => await sam.send(node, 'POST', '/impersonate/3/', signIn)))
      expect(starts.every(({ status }) => status === 201 || status === 409), starts)
      const open = (await rows()).filter(row => row.sessionEndedAt === null)
      const winner = starts.find(({ json }) => json.impersonation?.id === open[0]?.id)
      expect(open.length === 1 && winner?.key !== undefined, 'one row open', open, starts)

      const key = new Map([...signIn, ['impersonation', winner?.key ?? '']])
      const stop = async (node: Node) => await sam.send(node, 'POST', '/impersonate/stop/', key)
      const end = async (node: Node) => await ada.send(node, 'POST', `/impersonate/sessions/${String(open[0]?.id)}/end/`)
      const sweep = async (node: Node) => await ada.send(node, 'POST', '/sweep')
      const who = async (node: Node) => {
        const { status, json } = await sam.send(node, 'GET', '/who', key)
        expect(status === 409 || (json.user === 3 && json.impersonator === 2), 'as the target or not at all', json)
      }
      // Half of them past their deadline in both processes, so that sweeps end them as well.
      if (round % 2 === 0) await Promise.all([a.order({ advance: 3601 }), b.order({ advance: 3601 })])
      await Promise.all([...both(stop), ...both(end), ...both(sweep), ...both(who)])
      const left = (await rows()).filter(row => row.sessionEndedAt === null || row.openKey !== null)
      expect(left.length === 0, 'all has ended', left)
    }

    t.same(wrong, [])
    const all = await rows()
    t.ok(all.length >= ROUNDS)
    await until(() => a.ends.length + b.ends.length >= all.length)
    t.same([...a.ends, ...b.ends].sort(), all.map(row => [row.id, row.endReason]), 'each end was told to the hooks of one process, once')
    t.same([...a.begins, ...b.begins].sort(), all.map(row => row.id))
    t.equal(await prisma.impersonationLog.count({ where: { endReason: null } }), 0)
  })
})

/** How many statements wait for a lock of ours. */
async function waiting (prisma: PrismaClient): Promise<number> {
  const [found] = await prisma.$queryRaw<Array<{ n: number }>>`SELECT count(*)::int AS n FROM pg_locks l JOIN pg_stat_activity s USING (pid) WHERE NOT l.granted AND s.datname = current_database()`
  return found?.n ?? 0
}
