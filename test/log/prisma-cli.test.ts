import { existsSync } from 'node:fs'
import t from 'tap'
import { build } from '../kit/build.js'
import { newFile } from '../kit/database.js'
import { deployAndStart, migrate } from '../kit/migrate.js'

t.setTimeout(180_000)

t.test('each provider has the model file in its schema', async t => {
  for (const provider of ['sqlite', 'postgresql']) t.ok(existsSync(new URL(`../../prisma/${provider}/impersonation-log.prisma`, import.meta.url)))
})

t.test('prisma migrate deploy prepares an SQLite file for the plugin', async t => {
  await deployAndStart(t, `file:${newFile(t)}`)
})

t.test('prisma migrate finds what the plugin has applied at its start', async t => {
  const url = `file:${newFile(t)}`
  const app = await build(t, { databaseUrl: url })
  await app.close()
  t.match(await migrate('status', url), /up to date/)
  t.match(await migrate('deploy', url), /No pending migrations/)
})
