import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { openPostgresql, postgresqlVersion } from '../database.mjs'
import { median, startProcess } from '../measure.mjs'
import { createPerson } from './person.mjs'

const CONNECTIONS = 200
const USERS = 10_000
const PROCESSES = 2
const SAMPLES = 20

const redisUrl = process.env.BENCH_REDIS_URL ?? 'redis://127.0.0.1:6379'

/** Why the soak cannot run here, or null. */
export async function missingForSoak () {
  const redis = await import('redis').catch(() => null)
  if (redis === null) return 'redis, the client: not installed (npm ci --prefix benchmark)'
  if (await postgresqlVersion() === null) return 'PostgreSQL: none answers (BENCH_POSTGRES_URL)'
  const client = redis.createClient({ url: redisUrl, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  const answers = await client.connect().then(() => true, () => false)
  if (answers) await client.close()
  return answers ? null : 'Redis: none answers (BENCH_REDIS_URL)'
}

/**
 * Two processes on PostgreSQL, with the sign-ins in Redis, and 200 people who ask one after the other. Half of them are staff
 * who start, look around as somebody else, and stop, or are ended by a superuser. Every single answer is checked.
 */
export async function soak (seconds, say = () => {}) {
  const { client: prisma, url: databaseUrl, drop } = await openPostgresql({ users: USERS })
  const prefix = `impersonate-soak-${randomUUID()}:`
  const servers = []
  try {
    await prisma.$executeRawUnsafe(`UPDATE "User" SET "isStaff" = "id" <= ${CONNECTIONS / 2}`)
    for (let index = 0; index < PROCESSES; index++) {
      servers.push(await startProcess(process.execPath, 'soak/server.mjs', [databaseUrl, redisUrl, prefix], { flags: ['--expose-gc'] }))
    }
    const people = Array.from({ length: CONNECTIONS }, (unused, index) => createPerson(index + 1, servers.map(({ ready }) => ready.url)))
    const tally = { requests: 0, starts: 0, stops: 0, revoked: 0, wrong: [] }
    const [boss, ...others] = people
    const running = new Map()
    const until = performance.now() + seconds * 1000
    const isOn = () => performance.now() < until && tally.wrong.length < 10

    const send = async (person, method, path) => {
      tally.requests++
      return await person.send(method, path)
    }
    const expect = (what, isRight, got) => { if (!isRight) tally.wrong.push(`${what}: ${got.status} ${JSON.stringify(got.body)}`) }
    const isSeenAs = ({ status, body }, user, impersonator) => status === 200 && body.user === user && body.impersonator === impersonator

    async function look (person, user, impersonator) {
      const got = await send(person, 'GET', '/who')
      expect(`${person.id} as ${user}`, isSeenAs(got, user, impersonator), got)
    }

    async function impersonate (person, target) {
      const started = await send(person, 'POST', `/impersonate/${target}/`)
      expect(`${person.id} starts ${target}`, started.status === 201 && started.body.user.id === String(target), started)
      if (started.status !== 201) return
      tally.starts++
      const { id } = started.body.impersonation
      const mine = { isAsked: false, isEnded: false }
      running.set(id, mine)
      for (let time = 0; time < 20 && isOn(); time++) {
        const wasEnded = mine.isEnded
        const got = await send(person, 'GET', '/who')
        if (got.status !== 409) {
          expect(`${person.id} as ${target}`, !wasEnded && isSeenAs(got, target, person.id) && got.body.impersonation === id, got)
          continue
        }
        running.delete(id)
        expect(`${person.id} ended by the superuser`, mine.isAsked && got.body.endReason === 'revoked', got)
        tally.revoked++
        // A program acknowledges it by a stop: until then nothing runs as anybody.
        const told = await send(person, 'GET', '/who')
        expect(`${person.id} is told again`, told.status === 409 && told.body.endReason === 'revoked', told)
        const stopped = await send(person, 'POST', '/impersonate/stop/')
        expect(`${person.id} acknowledges`, stopped.status === 200 && stopped.body.user.id === String(person.id), stopped)
        await look(person, person.id, null)
        return
      }
      running.delete(id)
      const stopped = await send(person, 'POST', '/impersonate/stop/')
      expect(`${person.id} stops`, stopped.status === 200 && stopped.body.user.id === String(person.id), stopped)
      tally.stops++
      await look(person, person.id, null)
    }

    async function live (person) {
      const signedIn = await send(person, 'POST', `/sign-in/${person.id}`)
      expect(`${person.id} signs in`, signedIn.status === 200, signedIn)
      for (let turn = 0; isOn(); turn++) {
        for (let time = 0; time < 3 && isOn(); time++) await look(person, person.id, null)
        if (person.id <= CONNECTIONS / 2 && isOn()) await impersonate(person, CONNECTIONS + 1 + (turn * CONNECTIONS + person.id) % (USERS - CONNECTIONS))
      }
      person.close()
    }

    /** A superuser who ends somebody's impersonation now and then. */
    async function watch () {
      const signedIn = await send(boss, 'POST', '/sign-in/1')
      expect('the superuser signs in', signedIn.status === 200, signedIn)
      while (isOn()) {
        const [id, theirs] = [...running].find(([, { isAsked }]) => !isAsked) ?? []
        if (theirs !== undefined) {
          theirs.isAsked = true
          const got = await send(boss, 'POST', `/impersonate/sessions/${id}/end/`)
          expect('the superuser ends one', [200, 404, 409].includes(got.status), got)
          if (got.status === 200) theirs.isEnded = true
        }
        await look(boss, 1, null)
        await pause(100)
      }
      boss.close()
    }

    const samples = servers.map(() => [])
    async function measure () {
      const began = performance.now()
      for (let sample = 1; sample <= SAMPLES && isOn(); sample++) {
        await pause(Math.max(0, began + sample * seconds * 1000 / SAMPLES - performance.now()))
        for (const [index, server] of servers.entries()) samples[index].push(await server.ask({}))
        say(`${Math.round((performance.now() - began) / 1000)} s: ${tally.requests} requests, ${tally.starts} starts, ${tally.revoked} ended by others, heaps ${samples.map(list => `${(list.at(-1).heap / 2 ** 20).toFixed(1)} MB`).join(' and ')}`)
      }
    }

    await Promise.all([measure(), watch(), ...others.map(live)])
    const rows = await prisma.$queryRawUnsafe('SELECT "endReason", count(*)::int AS count FROM "ImpersonationLog" GROUP BY "endReason"')
    const countOf = reason => rows.find(({ endReason }) => endReason === reason)?.count ?? 0
    const total = rows.reduce((sum, { count }) => sum + count, 0)
    if (countOf(null) > 0) tally.wrong.push(`${countOf(null)} rows were not closed`)
    if (total !== tally.starts || countOf('revoked') < tally.revoked || countOf('stopped') + countOf('revoked') !== total) {
      tally.wrong.push(`${total} rows of ${tally.starts} starts: ${JSON.stringify(rows)}`)
    }
    return { ...tally, rows: Object.fromEntries(rows.map(({ endReason, count }) => [endReason, count])), ...growthOf(samples) }
  } finally {
    for (const server of servers) await server.end()
    await forget(prefix)
    await drop()
  }
}

/** The last third of the samples to the second fifth: before that, code is still being compiled and caches are filled. */
function growthOf (samples) {
  const third = (list, field, from, to) => median(list.slice(Math.floor(list.length * from), Math.ceil(list.length * to)).map(sample => sample[field]))
  const of = field => samples.filter(list => list.length >= 5).map(list => third(list, field, 0.67, 1) / third(list, field, 0.3, 0.6))
  return { heap: of('heap'), handles: of('handles'), heaps: samples.map(list => list.map(({ heap }) => heap)) }
}

async function forget (prefix) {
  const { createClient } = await import('redis')
  const redis = createClient({ url: redisUrl })
  await redis.connect()
  for await (const keys of redis.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) if (keys.length > 0) await redis.del(keys)
  await redis.close()
}
