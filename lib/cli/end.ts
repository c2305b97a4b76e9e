import os from 'node:os'
import type { Command } from 'commander'
import type { Ending, LogRow, LogStore } from '../log/store.js'
import type { Person } from '../types/index.js'
import { addWhere, withLog } from './open-log.js'
import { hasExpired, timeOf, whom } from './rows.js'
import { Failure, printable, type Terminal } from './terminal.js'

/** `end`: the kill switch, which needs nothing but the log. */
export function endCommand (program: Command, terminal: Terminal): void {
  const { stdout } = terminal
  const command = program.command('end')
    .summary('end impersonations that are running, also when the application is down')
    .description('Ends impersonations as "revoked". The next request under one finds it over, in every process of the application. The log says who did it: "command-line" as the id, and as the name the account and machine, after the name that --by gives. The application\'s end hooks do not run here, but at its next sweep.')
    .argument('<id...>', 'ids of log entries, as "sessions" lists them')
    .option('--by <name>', 'who ends it, for the log')
    .addHelpText('after', `
Example:
  $ fastify-impersonate end 0195c7a2-7a5e-7c3e-9d7f-3d1a5b0c9e21 --by ada`)
  addWhere(command).action(async (ids: string[]) => {
    const { by } = command.opts<{ by?: string }>()
    await withLog(command, terminal, async log => {
      const missing: string[] = []
      for (const id of ids) {
        const said = await end(log, id, revoker(by))
        if (said === null) missing.push(printable(id))
        else stdout.write(`${said}\n`)
      }
      if (missing.length > 0) throw new Failure(`There is no entry ${missing.join(', ')} in this log`)
    })
  })
}

async function end (log: LogStore, id: string, by: Person): Promise<string | null> {
  const row = await log.findById(id)
  if (row === null) return null
  const ending = endingOf(row, by)
  return await log.close(row, ending)
    ? `Ended as ${ending.reason} at ${timeOf(ending.at)}: ${whom(row)}`
    : `It had ended before: ${whom(row)}`
}

/** What ran out by itself before is not revoked now. */
function endingOf (row: LogRow, by: Person): Ending {
  return hasExpired(row) && row.expiresAt !== null ? { reason: 'expired', at: row.expiresAt } : { reason: 'revoked', at: new Date(), by }
}

/** What is known of who types this, and what they say. */
function revoker (by: string | undefined): Person {
  const here = `${account()} on ${os.hostname()}`
  return { id: 'command-line', name: by === undefined ? here : `${by} (${here})` }
}

/** In a container there may be none. */
function account (): string {
  try {
    return os.userInfo().username
  } catch {
    return 'an account without a name'
  }
}
