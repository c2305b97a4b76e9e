import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Option, type Command } from 'commander'
import { asFolder, findSchema, readSchema } from './find-schema.js'
import { bundledModel, hasModel, PROVIDERS, updateModel, type Provider } from './model.js'
import { Failure, type Terminal } from './terminal.js'

interface Asked { schema?: string, provider?: Provider, print?: true, check?: true }

const FILE = 'impersonation-log.prisma'

/** `schema`: the model in the application's own Prisma schema. */
export function schemaCommand (program: Command, terminal: Terminal): void {
  program.command('schema')
    .summary('write or update the model in your application\'s Prisma schema')
    .description(`Writes the model ImpersonationLog into your application's multi-file Prisma schema, as ${FILE}, or adds to it what it lacks; what you changed there, such as names of columns, stays. Then says what to run. The schema is found by prisma.config.ts, package.json or in prisma/schema.`)
    .option('--schema <folder>', 'where the schema is')
    .addOption(new Option('--provider <name>', 'the database; read from the schema\'s datasource (mysql: also MariaDB)').choices(PROVIDERS))
    .option('--check', 'change nothing, and end with 1 where something would be changed')
    .option('--print', 'print the model instead, to paste it yourself')
    .addHelpText('after', `
Examples:
  $ fastify-impersonate schema
  $ fastify-impersonate schema --schema packages/database/prisma/schema
  $ fastify-impersonate schema --print --provider mysql`)
    .action(async (asked: Asked) => { await writeModel(terminal, asked) })
}

async function writeModel ({ stdout, cwd }: Terminal, { schema, print, check, ...asked }: Asked): Promise<void> {
  if (print === true && asked.provider !== undefined) {
    stdout.write(bundledModel(asked.provider))
    return
  }
  const place = await findSchema(cwd(), schema)
  const files = readSchema(place.path)
  const provider = asked.provider ?? providerOf(files.map(({ text }) => text).join('\n'))
  const model = bundledModel(provider)
  if (print === true) {
    stdout.write(model)
    return
  }
  const folder = asFolder(place)
  const { file, text } = files.find(({ text }) => hasModel(text)) ?? { file: join(folder, FILE), text: '' }
  const wanted = text === '' ? model : updateModel(text, model)
  const shown = relative(cwd(), file)
  if (wanted === text) {
    stdout.write(`${shown} is up to date.\n`)
    return
  }
  if (check === true) throw new Failure(`${shown} ${text === '' ? 'is missing' : 'is not up to date'}: run fastify-impersonate schema`)
  writeFileSync(file, wanted)
  stdout.write(`${text === '' ? 'Wrote' : 'Updated'} ${shown}.\n\n${nextSteps(provider, text === '' ? 'impersonation-log' : 'impersonation-log-update')}`)
}

function providerOf (schema: string): Provider {
  const [, found] = /^\s*datasource\s+\w+\s*\{[^}]*?^\s*provider\s*=\s*"(\w+)"/m.exec(schema) ?? []
  const name = found === 'postgres' ? 'postgresql' : found
  const provider = PROVIDERS.find(known => known === name)
  if (provider === undefined) {
    throw new Failure(name === undefined
      ? 'The schema has no datasource that names its provider: say which with --provider'
      : `The schema is for ${name}, which the log has not been tried on; --provider ${PROVIDERS.join(', ')}`)
  }
  return provider
}

function nextSteps (provider: Provider, name: string): string {
  const binary = provider === 'mysql'
    ? `
Where ids of your users differ in upper and lower case alone, the log's filters take them for one on MySQL and MariaDB, unless
the table compares exactly: make the migration with --create-only first, write COLLATE utf8mb4_bin into it, then migrate.
`
    : ''
  return `Next, a migration to commit, and the client:
  npx prisma migrate dev --name ${name}
  npx prisma generate
Where the application runs, before it starts:
  npx prisma migrate deploy
Then register the plugin with { prisma, users: prismaUsers(prisma.user) }.
${binary}`
}
