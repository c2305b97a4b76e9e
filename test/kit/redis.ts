import { randomUUID } from 'node:crypto'
import { createClient, type RedisClientType } from 'redis'
import { RedisStore } from 'connect-redis'
import type { Test } from 'tap'
import { isAskedFor, notAskedFor } from './services.js'

const server = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379'

/** Whatever happens to a test, its sign-ins are gone after so many seconds. */
const LIFETIME = 900

export async function connectRedis (): Promise<RedisClientType> {
  const client: RedisClientType = createClient({ url: server, socket: { connectTimeout: 3000, reconnectStrategy: false } })
  // Each call rejects by itself; without a listener the process would end.
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Options for tests that need Redis: skipped where it is not asked for or does not answer, but not with CI=true. */
export async function needsRedis (): Promise<{ skip: string | false }> {
  if (!isAskedFor) return { skip: notAskedFor('Redis') }
  if (process.env['CI'] === 'true') return { skip: false }
  return await connectRedis().then(client => { client.destroy(); return { skip: false } }, () => ({ skip: 'no Redis answers' }))
}

/** What this test's keys begin with; they are gone after it. */
export async function newPrefix (t: Test): Promise<string> {
  const prefix = `impersonate-test:${randomUUID()}:`
  t.teardown(async () => {
    const client = await connectRedis()
    for await (const keys of client.scanIterator({ MATCH: `${prefix}*` })) if (keys.length > 0) await client.del(keys)
    client.destroy()
  })
  return prefix
}

/** @fastify/session's store in Redis. */
export async function newStore (prefix: string): Promise<RedisStore> {
  return new RedisStore({ client: await connectRedis(), prefix, ttl: LIFETIME })
}
