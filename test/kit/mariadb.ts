import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { isAskedFor, notAskedFor } from './services.js'

const server = process.env['TEST_MARIADB_URL'] ?? 'mariadb://root@127.0.0.1:3306/mysql'

async function ask (sql: string): Promise<void> {
  // Loaded by what is not skipped alone.
  const [{ PrismaMariaDb }, { PrismaClient }] = await Promise.all([import('@prisma/adapter-mariadb'), import('./generated/mysql/client.js')])
  const client = new PrismaClient({ adapter: new PrismaMariaDb(`${server}?connectTimeout=3000`) })
  try {
    await client.$executeRawUnsafe(sql)
  } finally {
    await client.$disconnect()
  }
}

/** Options for tests that need MariaDB: skipped where it is not asked for or does not answer, but not with CI=true. */
export async function needsMariadb (): Promise<{ skip: string | false }> {
  if (!isAskedFor) return { skip: notAskedFor('MariaDB') }
  if (process.env['CI'] === 'true') return { skip: false }
  return await ask('SELECT 1').then(() => ({ skip: false }), () => ({ skip: 'no MariaDB answers' }))
}

/** The address of a new, empty database of this test's own, which is gone after it. */
export async function newMariadb (t: Test): Promise<string> {
  const name = `impersonate_test_${randomUUID().replaceAll('-', '')}`
  await ask(`CREATE DATABASE ${name}`)
  t.teardown(async () => { await ask(`DROP DATABASE ${name}`) })
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/**
 * What Prisma's engine makes of a model on MySQL and MariaDB. That engine is not among those built as WebAssembly, so where
 * it cannot be downloaded the table is made by this.
 */
export function tableOf (model: string): string {
  const [, name = '', body = ''] = /model (\w+) \{([^]*?)\n\}/.exec(model) ?? []
  const parts = body.split('\n').map(line => line.trim()).filter(line => line !== '' && !line.startsWith('//')).map(line => {
    const [, fields, mapped] = /^@@index\(\[(.*)\](?:, map: "(\w+)")?\)$/.exec(line) ?? []
    const index = fields?.split(', ')
    return index === undefined ? columnOf(name, line) : `INDEX \`${mapped ?? [name, ...index, 'idx'].join('_')}\` (${index.map(column => `\`${column}\``).join(', ')})`
  })
  return `CREATE TABLE \`${name}\` (${parts.join(', ')}) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`
}

function columnOf (table: string, line: string): string {
  const [, name = '', type = '', optional = ''] = /^(\w+) +(\w+)(\??)/.exec(line) ?? []
  const text = /@db\.(\w+(\(\d+\))?)/.exec(line)?.[1]?.toUpperCase() ?? 'VARCHAR(191)'
  const kind = new Map([['String', text], ['Boolean', 'BOOLEAN'], ['DateTime', 'DATETIME(3)'], ['Int', 'INTEGER'], ['BigInt', 'BIGINT']]).get(type)
  if (kind === undefined) throw new Error(`No column for ${line}`)
  return [
    `\`${name}\``, kind, optional === '' ? 'NOT NULL' : 'NULL', line.includes('autoincrement') ? 'AUTO_INCREMENT' : '',
    /@default\((true|false|".*?")\)/.exec(line)?.[1]?.replace(/^/, 'DEFAULT ') ?? '',
    line.includes('@id') ? ', PRIMARY KEY (`' + name + '`)' : '', line.includes('@unique') ? `, UNIQUE INDEX \`${table}_${name}_key\` (\`${name}\`)` : ''
  ].join(' ')
}
