import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What a process of its own answers that registers the plugin over this database and starts so many impersonations. */
export async function startProcess (databaseUrl: string, starts = 0, { env = {}, node = [] }: { env?: Record<string, string>, node?: string[] } = {}): Promise<{
  statuses?: number[], error?: { code: string, message: string }, output: string
}> {
  const { stdout } = await run(process.execPath, [
    ...process.execArgv, ...node, fileURLToPath(new URL('fixtures/start.ts', import.meta.url)), databaseUrl, String(starts)
  ], { env: { ...process.env, ...env } })
  const last = stdout.trim().split('\n').at(-1) ?? ''
  return { ...JSON.parse(last), output: stdout }
}
