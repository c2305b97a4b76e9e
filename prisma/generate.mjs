// Puts the one model file into both schemas and generates a client for each. `npm run generate` does this.
import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const prisma = createRequire(import.meta.url).resolve('prisma/build/index.js')

for (const [provider, url] of [['sqlite', 'file:./unused.db'], ['postgresql', 'postgresql://unused']]) {
  copyFileSync(join(here, 'impersonation-log.prisma'), join(here, provider, 'impersonation-log.prisma'))
  execFileSync(process.execPath, [prisma, 'generate', '--config', join(here, 'prisma.config.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      IMPERSONATE_DATABASE_URL: url,
      // Generating needs no schema engine, but the command line would download it first: any file will do.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath
    }
  })
}
