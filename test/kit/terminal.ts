import { Writable } from 'node:stream'
import { WriteStream } from 'node:tty'
import { run } from '../../dist/lib/cli/run.js'

interface Asked {
  /** What people watch, instead of a file or pipe. */
  isTTY?: boolean
  cwd?: string
}

/** What the command line answers to these arguments. */
export async function command (args: string[], { isTTY = false, cwd = '/' }: Asked = {}) {
  const output = { stdout: '', stderr: '' }
  const stream = (name: 'stdout' | 'stderr') => Object.assign(new Writable({
    write (chunk, encoding, done) {
      output[name] += String(chunk)
      done()
    }
  }), { isTTY, getColorDepth: WriteStream.prototype.getColorDepth })
  const code = await run(args, { stdout: stream('stdout'), stderr: stream('stderr'), cwd: () => cwd })
  return { code, ...output }
}
