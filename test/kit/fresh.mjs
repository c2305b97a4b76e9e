// Makes again what the tests run, where it is older than what it is made from. Tap, `npm run try` and `npm run test:watch` come here first.
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { argv, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
export const root = fileURLToPath(new URL('../..', import.meta.url))
/** Not the package's bin/tsc: under the loaders of tap Node takes a file without an extension for CommonJS, which it is not. */
const tsc = join(dirname(require.resolve('@typescript/native/package.json')), 'lib/tsc.js')
const prisma = 'node_modules/prisma/package.json'

/** Each writes all of its folder. Types are checked elsewhere. */
const STEPS = [
  {
    makes: 'prisma/generated',
    from: ['prisma/impersonation-log.prisma', 'prisma/sqlite/schema.prisma', 'prisma/postgresql/schema.prisma', 'prisma/prisma.config.mjs', 'prisma/generate.mjs', prisma],
    by: ['prisma/generate.mjs']
  },
  {
    makes: 'dist',
    from: ['index.ts', 'lib', 'prisma/generated', 'tsconfig.json', 'tsconfig.build.json'],
    by: [tsc, '-p', 'tsconfig.build.json', '--noCheck']
  },
  {
    makes: 'demo/generated',
    from: ['demo/prisma', 'demo/tsconfig.json', 'demo/generate.mjs', prisma],
    by: ['demo/generate.mjs']
  },
  {
    makes: 'test/kit/generated',
    from: [
      'prisma/impersonation-log.prisma', 'test/kit/users/users.prisma', ...['sqlite', 'postgresql', 'mysql'].map(provider => `test/kit/users/${provider}/schema.prisma`),
      'test/kit/prisma.config.mjs', 'test/kit/generate.mjs', prisma
    ],
    by: ['test/kit/generate.mjs']
  }
]

export function freshen () {
  for (const { makes, from, by } of STEPS) {
    if (Math.min(...timesOf(makes), Infinity) >= Math.max(...from.flatMap(timesOf))) continue
    // What is not made any more would stay there, and stay old.
    rmSync(join(root, makes), { recursive: true, force: true })
    console.error(`Making ${makes} again`)
    execFileSync(execPath, by, { cwd: root, env: { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0' }, stdio: ['ignore', 2, 2] })
  }
}

/** When each file was written; 0 where there is none. */
function timesOf (path) {
  const full = join(root, path)
  const stats = statSync(full, { throwIfNoEntry: false })
  if (stats === undefined) return [0]
  return stats.isDirectory() ? readdirSync(full).flatMap(name => timesOf(join(path, name))) : [stats.mtimeMs]
}

if (argv[1] === fileURLToPath(import.meta.url)) freshen()
