import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import type { News, Order } from './node.js'

const run = promisify(execFile)

/** What a process of its own answers that registers the plugin over this database and starts so many impersonations. */
export async function startProcess (databaseUrl: string, starts = 0, { env = {}, node = [] }: { env?: Record<string, string>, node?: string[] } = {}): Promise<{
  statuses?: number[], error?: { code: string, message: string }, output: string
}> {
  const { stdout } = await run(process.execPath, [
    ...process.execArgv, ...node, fileURLToPath(new URL('start.ts', import.meta.url)), databaseUrl, String(starts)
  ], { env: { ...process.env, ...env } })
  const last = stdout.trim().split('\n').at(-1) ?? ''
  return { ...JSON.parse(last), output: stdout }
}

/** A running application in a process of its own, over this log and these sign-ins. */
export async function startNode (t: Test, databaseUrl: string, prefix: string) {
  const child = fork(fileURLToPath(new URL('node.ts', import.meta.url)), [databaseUrl, prefix], {
    execArgv: process.execArgv, env: { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0' }, stdio: ['ignore', 'ignore', 'pipe', 'ipc']
  })
  const gone = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await gone
  })
  const says = { address: '', errors: '' }
  const [begins, ends, waits]: [string[], Array<[string, unknown]>, string[]] = [[], [], []]
  child.stderr?.on('data', chunk => { says.errors += String(chunk) })
  child.on('message', (news: News) => {
    if ('address' in news) says.address = news.address
    if ('at' in news) waits.push(news.at)
    if ('began' in news) begins.push(news.began)
    if ('ended' in news) ends.push(news.ended)
  })
  while (says.address === '') {
    if (child.exitCode !== null) throw new Error(`The application did not start: ${says.errors}`)
    await pause(10)
  }
  return {
    address: says.address,
    begins,
    ends,
    order: async (order: Order) => { await new Promise<void>((resolve, reject) => { child.send(order, error => { if (error === null) resolve(); else reject(error) }) }) },
    /** Kills it as soon as it waits at this place, as a crash would. */
    async killAt (place: string): Promise<void> {
      while (!waits.includes(place)) await pause(5)
      child.kill('SIGKILL')
      await gone
    },
    async kill (): Promise<void> {
      child.kill('SIGKILL')
      await gone
    }
  }
}

export type Node = Awaited<ReturnType<typeof startNode>>

/** Somebody's browser, which keeps its cookies whichever process answers. */
export function visitor () {
  const jar = new Map<string, string>()
  return {
    jar,
    async send ({ address }: Node, method: 'GET' | 'POST', path: string, cookies = jar): Promise<{ status: number | undefined, json: any, key: string | undefined }> {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const sent = request(address + path, { method, agent: false, headers: { accept: 'application/json', cookie } })
      sent.end()
      const [response]: IncomingMessage[] = await once(sent, 'response')
      let key
      for (const text of response?.headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(text) ?? []
        if (name === 'impersonation') key = value
        if (value === '') jar.delete(name)
        else jar.set(name, value)
      }
      return { status: response?.statusCode, json: response === undefined ? null : await json(response), key }
    }
  }
}
