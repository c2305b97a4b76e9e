import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { browser, build } from './build.js'
import { migrations } from './bundled.js'
import { root } from './built.js'

const run = promisify(execFile)
const cli = createRequire(import.meta.url).resolve('prisma/build/index.js')

/** `prisma migrate …` with the bundled config, as an application that installed the package runs it. */
export async function migrate (command: string, url: string): Promise<string> {
  const { stdout } = await run(process.execPath, [cli, 'migrate', command, '--config', 'prisma/prisma.config.mjs'], {
    cwd: root,
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      IMPERSONATE_DATABASE_URL: url,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      PRISMA_SCHEMA_ENGINE_BINARY: fileURLToPath(new URL('prisma-schema-engine.mjs', import.meta.url))
    }
  }).catch(error => error)
  return stdout
}

/** An empty database, migrated by Prisma's command line, is one that the plugin runs on. */
export async function deployAndStart (t: Test, url: string): Promise<void> {
  t.match(await migrate('status', url), /have not yet been applied/)
  t.match(await migrate('deploy', url), new RegExp(`${migrations.join('[^]*')}[^]*successfully applied`))
  t.match(await migrate('status', url), /up to date/)
  t.match(await migrate('deploy', url), /No pending migrations/)
  const app = await build(t, { databaseUrl: url })
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
  await app.close()
  t.match(await migrate('status', url), /up to date/)
}
