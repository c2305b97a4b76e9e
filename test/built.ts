import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const lock = join(root, '.tap/building')
const require = createRequire(import.meta.url)

/** Builds the package where its sources are newer than what is built; one test file at a time. */
export async function buildPackage (): Promise<void> {
  mkdirSync(dirname(lock), { recursive: true })
  for (let tries = 0; !takeLock(); tries++) {
    if (tries > 300) throw new Error(`Another build does not end; if there is none, remove ${lock}`)
    await pause(100)
  }
  try {
    if (oldest('dist') < newest('index.ts', 'lib', 'prisma/generated')) {
      // TypeScript 6, as 7 is ESM, which does not start under the loaders that tap gives every child process.
      const tsc = require.resolve('typescript/lib/tsc.js')
      execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, env: plainEnv(), stdio: 'inherit' })
    }
    if (oldest('demo/generated/dist') < newest('demo/prisma')) execFileSync(process.execPath, ['demo/generate.mjs'], { cwd: root, env: plainEnv(), stdio: 'ignore' })
  } finally {
    rmSync(lock, { recursive: true })
  }
}

/** A process whose coverage tap does not count: it runs what is built, which the tests of lib cover themselves. */
export function run (args: string[], env: NodeJS.ProcessEnv = {}, cwd = root) {
  const child = spawn(process.execPath, args, { cwd, env: { ...plainEnv(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => { output.text += String(chunk) })
  return { child, output, exit: exitOf(child) }
}

/** Waits for words on a process's output. */
export async function until ({ child, output }: ReturnType<typeof run>, words: RegExp): Promise<RegExpMatchArray> {
  for (;;) {
    const found = words.exec(output.text)
    if (found !== null) return found
    if (child.exitCode !== null) throw new Error(`It ended before it said ${words}: ${output.text}`)
    await pause(20)
  }
}

async function exitOf (child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'close')
  return code
}

function plainEnv (): NodeJS.ProcessEnv {
  return { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0' }
}

function takeLock (): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    return false
  }
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
const oldest = (folder: string): number => Math.min(...times(folder), Infinity)
const newest = (...paths: string[]): number => Math.max(...paths.flatMap(times))
