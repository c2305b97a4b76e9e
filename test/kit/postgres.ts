import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { isAskedFor, notAskedFor } from './services.js'

const server = process.env['TEST_POSTGRES_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres'

async function ask (sql: string): Promise<void> {
  // Loaded by what is not skipped alone.
  const [{ PrismaPg }, { PrismaClient }] = await Promise.all([import('@prisma/adapter-pg'), import('./generated/postgresql/client.js')])
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: server, connectionTimeoutMillis: 3000 }) })
  try {
    await client.$executeRawUnsafe(sql)
  } finally {
    await client.$disconnect()
  }
}

/** Options for tests that need PostgreSQL: skipped where it is not asked for or does not answer, but not with CI=true. */
export async function needsPostgresql (): Promise<{ skip: string | false }> {
  if (!isAskedFor) return { skip: notAskedFor('PostgreSQL') }
  if (process.env['CI'] === 'true') return { skip: false }
  return await ask('SELECT 1').then(() => ({ skip: false }), () => ({ skip: 'no PostgreSQL answers' }))
}

/** The address of a new, empty database of this test's own, which is gone after it. */
export async function newDatabase (t: Test): Promise<string> {
  const name = `impersonate_test_${randomUUID().replaceAll('-', '')}`
  await ask(`CREATE DATABASE ${name}`)
  t.teardown(async () => { await ask(`DROP DATABASE ${name} WITH (FORCE)`) })
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
