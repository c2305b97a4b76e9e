import { InvalidArgumentError, type Command } from 'commander'
import type { Limits } from '../log/deadlines.js'
import { sweepLog } from '../log/sweep.js'
import { TEN_YEARS } from '../options/table/limits.js'
import { addWhere, withLog } from './open-log.js'
import { withProgress, type Terminal } from './terminal.js'

/** `sweep`: what each process of the application does from time to time. */
export function sweepCommand (program: Command, terminal: Terminal): void {
  const command = program.command('sweep')
    .summary('close what is over by now and was not noticed')
    .description('Closes every impersonation that is past a limit, at the time of that limit: as the application does by itself while it runs. The limits are those of the application\'s options; its end hooks do not run here, but at its own next sweep.')
    .option('--idle-timeout <seconds>', 'the application\'s idleTimeout, where it has one', seconds, null)
    .option('--abandoned-after <seconds>', 'the application\'s abandonedAfter', seconds, 86_400)
    .addHelpText('after', `
Example:
  $ fastify-impersonate sweep --idle-timeout 900`)
  addWhere(command).action(async () => {
    const limits = command.opts<Limits>()
    const closed = await withProgress(terminal, 'Sweeping …', async () => await withLog(command, terminal, async log =>
      await sweepLog(log, limits, Date.now(), async (row, ending) =>
        await log.close(row, ending, row.lastSeenAt))))
    terminal.stdout.write(closed === 0 ? 'Nothing to close.\n' : `Closed ${closed} that ${closed === 1 ? 'was' : 'were'} over.\n`)
  })
}

function seconds (text: string): number {
  const number = Number(text)
  if (!(number > 0 && number <= TEN_YEARS)) throw new InvalidArgumentError(`It takes a number of seconds above 0 and up to ${TEN_YEARS}.`)
  return number
}
