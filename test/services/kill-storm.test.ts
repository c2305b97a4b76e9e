import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import type { PrismaClient } from '../../dist/prisma/generated/postgresql/client.js'
import { needsPostgresql, newDatabase } from '../kit/postgres.js'
import { startNode, visitor, type Node } from '../kit/processes.js'
import { needsRedis, newPrefix } from '../kit/redis.js'

t.setTimeout(300_000)

const SECONDS = 20
const KILLS = 10
const VISITORS = 6
const HOUR = 3600

const skip = (await needsPostgresql()).skip || (await needsRedis()).skip

t.test('processes that are killed under load show nobody as a wrong person, lose no end and leave nothing open', { skip }, async t => {
  const url = await newDatabase(t)
  const prefix = await newPrefix(t)
  const { client, close } = await openEmbedded(url)
  t.teardown(close)
  const prisma = client as PrismaClient
  const [nodes, all]: [Node[], Node[]] = [[], []]
  /** One more, whose end hooks take a while, so that kills find them at work. */
  async function add (): Promise<void> {
    const node = await startNode(t, url, prefix)
    await node.order({ slow: 100 })
    nodes.push(node)
    all.push(node)
  }
  await Promise.all([add(), add(), add()])
  const pick = () => nodes[Math.floor(Math.random() * nodes.length)]

  const wrong: unknown[] = []
  const storm = { answers: 0, asTarget: 0, isOver: false }
  const browsers = await Promise.all(Array.from({ length: VISITORS }, async () => {
    const sam = visitor()
    for (const node of nodes) await sam.send(node, 'POST', '/sign-in/2')
    return sam
  }))

  /** A request to any process; null where that one is killed meanwhile. */
  async function ask (sam: ReturnType<typeof visitor>, method: 'GET' | 'POST', path: string) {
    const node = pick()
    if (node === undefined) return null
    try {
      const answer = await sam.send(node, method, path)
      storm.answers++
      return answer
    } catch {
      return null
    }
  }

  /** Starts, looks and stops, as a person does who tries again. What this browser was told is what it must see. */
  async function use (sam: ReturnType<typeof visitor>): Promise<void> {
    while (!storm.isOver) {
      const target = Math.random() < 0.5 ? 3 : 4
      const started = await ask(sam, 'POST', `/impersonate/${target}/`)
      if (started?.status === 201) {
        const { id } = started.json.impersonation
        for (let looks = Math.ceil(Math.random() * 5); looks > 0; looks--) {
          const who = await ask(sam, 'GET', '/who')
          if (who?.status !== 200) continue
          storm.asTarget++
          if (who.json.user !== target || who.json.impersonator !== 2 || who.json.id !== id) wrong.push([target, id, who.json])
        }
      }
      if (Math.random() < 0.8) {
        await ask(sam, 'POST', '/impersonate/stop/')
        const who = await ask(sam, 'GET', '/who')
        const isReal = who?.json.user === 2 && who.json.impersonator === null
        if (who?.status === 200 && !isReal && !sam.jar.has('impersonation')) wrong.push(['after a stop', who.json])
      } else {
        // A browser that was closed, or has lost its cookie.
        sam.jar.delete('impersonation')
      }
    }
  }

  async function kill (): Promise<void> {
    const starting: Array<Promise<unknown>> = []
    for (let kills = 0; kills < KILLS; kills++) {
      await pause(SECONDS * 1000 / KILLS * Math.random() * 2)
      while (nodes.length < 2) await pause(20)
      const [victim] = nodes.splice(Math.floor(Math.random() * nodes.length), 1)
      await victim?.kill()
      starting.push(add())
    }
    storm.isOver = true
    await Promise.all(starting)
  }

  await Promise.all([kill(), ...browsers.map(use)])

  t.comment(`${storm.answers} answers, ${storm.asTarget} as somebody else, ${all.length} processes`)
  t.strictSame(wrong, [], 'no answer showed a wrong person')
  t.ok(storm.asTarget > 0)

  // Past every deadline, and then past `timeout` and what a killed sweep may have claimed.
  const [survivor] = nodes
  if (survivor === undefined) throw new Error('Nobody is left')
  t.comment(`${await prisma.impersonationLog.count({ where: { reportedAt: null, sessionEndedAt: { not: null } } })} ends were left unreported`)
  for (const advance of [HOUR + 1, 61, 61]) {
    await Promise.all(nodes.map(async node => { await node.order({ advance, slow: 0 }) }))
    t.equal((await visitor().send(survivor, 'POST', '/sweep')).status, 200)
  }

  const rows = await prisma.impersonationLog.findMany()
  t.ok(rows.length > KILLS)
  t.strictSame(rows.filter(({ sessionEndedAt, openKey }) => sessionEndedAt === null || openKey !== null), [], 'nothing is open')
  t.strictSame(rows.filter(({ reportedAt }) => reportedAt === null || reportedAt.getTime() < 0), [], 'every end is reported')
  const told = new Map<string, unknown[]>()
  for (const { ends } of all) for (const [id, reason] of ends) told.set(id, [...told.get(id) ?? [], reason])
  t.strictSame(rows.filter(({ id }) => !told.has(id)).map(({ id, endReason }) => [id, endReason]), [], 'no end hook was lost')
  for (const { id, endReason } of rows) t.ok(told.get(id)?.every(reason => reason === endReason), 'each was told as it was recorded')
  const twice = rows.filter(({ id }) => (told.get(id)?.length ?? 0) > 1)
  t.ok(twice.length <= KILLS * VISITORS, 'hooks ran twice at most where a process was killed')
  t.comment(`${rows.length} impersonations, ${twice.length} reported twice`)

  for (const sam of browsers) {
    const who = await sam.send(survivor, 'GET', '/who')
    t.ok(who.status === 409 || (who.json.user === 2 && who.json.impersonator === null), 'nobody is still impersonating')
  }
})
