import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { Test } from 'tap'

const server = process.env['TEST_POSTGRES_URL'] ?? 'postgresql://postgres@127.0.0.1:5432/postgres'

async function ask (sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 3000 })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Options for tests that need PostgreSQL: skipped where it is not asked for or does not answer, but not with CI=true. */
export async function needsPostgresql (): Promise<{ skip: string | false }> {
  if (process.env['TEST_ALL'] === undefined) return { skip: 'PostgreSQL is tested with TEST_ALL=1' }
  if (process.env['CI'] === 'true') return { skip: false }
  return await ask('SELECT 1').then(() => ({ skip: false }), () => ({ skip: 'no PostgreSQL answers' }))
}

/** The address of a database of this test's own, which is gone after it. */
export async function newDatabase (t: Test): Promise<string> {
  const name = `impersonate_${randomBytes(8).toString('hex')}`
  await ask(`CREATE DATABASE ${name}`)
  t.teardown(async () => { await ask(`DROP DATABASE ${name} WITH (FORCE)`) })
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
