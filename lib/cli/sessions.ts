import type { Command } from 'commander'
import { entryOf } from '../log/entry.js'
import type { LogRow } from '../log/store.js'
import { openRows } from '../log/sweep.js'
import { addWhere, withLog } from './open-log.js'
import { writeRows } from './rows.js'
import { toJson, type Terminal } from './terminal.js'

interface Asked { impersonator?: string, impersonating?: string, json?: true }

/** `sessions`: what is running. */
export function sessionsCommand (program: Command, terminal: Terminal): void {
  const { stdout } = terminal
  const command = program.command('sessions')
    .summary('list the impersonations that are running')
    .description('Lists the impersonations that have not ended, newest first. "overdue" are those past the end that was set at their start, which a sweep closes.')
    .option('--impersonator <id>', 'only what this person does')
    .option('--impersonating <id>', 'only what is done as this person')
    .option('--json', 'JSON, entries as the route GET /sessions/ answers them')
    .addHelpText('after', `
Examples:
  $ fastify-impersonate sessions --impersonator 7
  $ fastify-impersonate sessions --prisma ./dist/prisma.js --json`)
  addWhere(command).action(async () => {
    const { impersonator, impersonating, json } = command.opts<Asked>()
    const rows: LogRow[] = []
    await withLog(command, terminal, async log => {
      for await (const batch of openRows(log, { impersonator, impersonating })) rows.push(...batch)
    })
    if (json === true) {
      stdout.write(toJson({ sessions: rows.map(entryOf) }) + '\n')
      return
    }
    writeRows(stdout, rows)
    stdout.write(rows.length === 0 ? 'Nobody is being impersonated.\n' : `${rows.length} running, to end one: fastify-impersonate end <id>\n`)
  })
}
