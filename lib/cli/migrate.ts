import type { Command } from 'commander'
import { openEmbedded } from '../log/database/embedded.js'
import { addressOf, databaseUrlOption } from './open-log.js'
import { withProgress, type Terminal } from './terminal.js'

/** `migrate`: what a start of the plugin would do, before it. */
export function migrateCommand (program: Command, terminal: Terminal): void {
  const command = program.command('migrate')
    .summary('bring the log\'s own database up to date')
    .description('Applies the bundled migrations that a database of the plugin\'s own lacks, on SQLite and PostgreSQL: what the plugin does at its start, before you deploy it. An application\'s own database, which has migrations of its own, is left as it is: see "schema".')
    .addOption(databaseUrlOption())
    .addHelpText('after', `
Example:
  $ IMPERSONATE_DATABASE_URL=postgresql://… fastify-impersonate migrate`)
    .action(async ({ databaseUrl }: { databaseUrl: string }) => {
      const address = addressOf(command, databaseUrl, terminal.cwd())
      const { applied, shownAs, close } = await withProgress(terminal, 'Migrating …', () => openEmbedded(address))
      await close()
      for (const name of applied) terminal.stdout.write(`Applied ${name}\n`)
      terminal.stdout.write(`The log in ${shownAs} is up to date.\n`)
    })
}
