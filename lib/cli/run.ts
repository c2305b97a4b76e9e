import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { endCommand } from './end.js'
import { explain } from './failures.js'
import { logCommand } from './log.js'
import { migrateCommand } from './migrate.js'
import { schemaCommand } from './schema.js'
import { sessionsCommand } from './sessions.js'
import { sweepCommand } from './sweep.js'
import { paint, type Terminal } from './terminal.js'

const require = createRequire(import.meta.url)

const EPILOG = `
Exit codes: 0 done · 1 it could not be done, and the last line says why · 2 wrong usage

In a new application with its own Prisma schema:
  $ npx fastify-impersonate schema
With a database of the plugin's own:
  $ IMPERSONATE_DATABASE_URL=postgresql://… npx fastify-impersonate migrate
Who is being impersonated now, and ending it when the application is down:
  $ npx fastify-impersonate sessions
  $ npx fastify-impersonate end 0195c7a2-… --by ada

More: node_modules/fastify-impersonate/docs/command-line.md`

/** Runs the command line with these arguments; resolves to the exit code and never rejects. */
export async function run (args: string[], terminal: Terminal): Promise<number> {
  const { stdout, stderr } = terminal
  const program = new Command('fastify-impersonate')
    .description('The log of fastify-impersonate: its table, its entries, and ending what is running.')
    .version(require('fastify-impersonate/package.json').version)
    .exitOverride()
    .configureOutput({
      writeOut: text => stdout.write(text),
      writeErr: text => stderr.write(text),
      outputError: (text, write) => { write(paint(stderr, 'red', text)) },
      getOutHasColors: () => false,
      getErrHasColors: () => false
    })
    .showHelpAfterError('Add --help to see what there is.')
    .addHelpText('after', EPILOG)
  const commands = [schemaCommand, migrateCommand, logCommand, sessionsCommand, endCommand, sweepCommand]
  for (const add of commands) add(program, terminal)

  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    stderr.write(paint(stderr, 'red', `error: ${explain(error)}`) + '\n')
    return 1
  }
}
