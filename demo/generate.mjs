// Generates the demo's own PrismaClient and compiles it, so that plain JavaScript can import it. `npm run build` does this.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)
// Not the package's bin/tsc: under the loaders of tap Node takes a file without an extension for CommonJS, which it is not.
const tsc = join(dirname(require.resolve('@typescript/native/package.json')), 'lib/tsc.js')

execFileSync(process.execPath, [require.resolve('prisma/build/index.js'), 'generate', '--schema', join(here, 'prisma/schema.prisma')], {
  stdio: ['ignore', 'ignore', 'inherit'],
  // Generating needs no schema engine, but the command line would download it first: any file will do.
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
})
execFileSync(process.execPath, [tsc, '-p', here], { stdio: 'inherit' })
