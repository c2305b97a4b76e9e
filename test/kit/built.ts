import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

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

export function plainEnv (): NodeJS.ProcessEnv {
  return { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0' }
}
