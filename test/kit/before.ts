import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { plainEnv, root } from './built.js'

// The tests run what is built. Tap does this before them: it builds again where a source is newer. Types are checked elsewhere.
if (oldest('dist') < newest('index.ts', 'lib', 'prisma/generated')) {
  // TypeScript 6, as 7 is ESM, which does not start under the loaders that tap gives every child process.
  build(createRequire(import.meta.url).resolve('typescript/lib/tsc.js'), '-p', 'tsconfig.build.json', '--noCheck')
}
if (oldest('demo/generated/dist') < newest('demo/prisma')) build('demo/generate.mjs')

function build (...args: string[]): void {
  execFileSync(process.execPath, args, { cwd: root, env: plainEnv(), stdio: 'inherit' })
}

function times (path: string): number[] {
  const full = join(root, path)
  try {
    return statSync(full).isDirectory() ? readdirSync(full).flatMap(name => times(join(path, name))) : [statSync(full).mtimeMs]
  } catch {
    return [0]
  }
}

/** When the folder was last built: every build writes all of it. */
function oldest (folder: string): number {
  return Math.min(...times(folder), Infinity)
}

function newest (...paths: string[]): number {
  return Math.max(...paths.flatMap(times))
}
