// Generates the PrismaClients of the benchmark's application and compiles them. `npm run bench` does this where they are missing.
import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
const tsc = join(dirname(require.resolve('@typescript/native/package.json')), require('@typescript/native/package.json').bin.tsc)

for (const provider of ['sqlite', 'postgresql']) {
  const schema = join(here, 'schema', provider)
  copyFileSync(join(here, '../prisma/impersonation-log.prisma'), join(schema, 'impersonation-log.prisma'))
  copyFileSync(join(here, 'schema/users.prisma'), join(schema, 'users.prisma'))
  execFileSync(process.execPath, [require.resolve('prisma/build/index.js'), 'generate', '--schema', schema], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // Generating needs no schema engine, but the command line would download it first: any file will do.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
  })
}
execFileSync(process.execPath, [tsc, '-p', here], { stdio: 'inherit' })
