import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Option, type Command } from 'commander'
import { asFolder, findSchema, readSchema } from './find-schema.js'
import { bundledModels, bundledText, hasModel, PROVIDERS, updateModel, type Model, type Provider } from './model.js'
import { statementForOldRows } from './old-rows.js'
import { Failure, type Terminal } from './terminal.js'

interface Asked { schema?: string, provider?: Provider, print?: true, check?: true }

const FILE = 'impersonation-log.prisma'

/** `schema`: the models in the application's own Prisma schema. */
export function schemaCommand (program: Command, terminal: Terminal): void {
  program.command('schema')
    .summary('write or update the log\'s models in your application\'s Prisma schema')
    .description(`Writes the models of the log into your application's multi-file Prisma schema, as ${FILE}, or adds to them what they lack; what you changed there, such as names of columns, stays. Then says what to run. The schema is found by prisma.config.ts, package.json or in prisma/schema.`)
    .option('--schema <folder>', 'where the schema is')
    .addOption(new Option('--provider <name>', 'the database; read from the schema\'s datasource (mysql: also MariaDB)').choices(PROVIDERS))
    .option('--check', 'change nothing, and end with 1 where something would be changed')
    .option('--print', 'print the models instead, to paste it yourself')
    .addHelpText('after', `
Examples:
  $ fastify-impersonate schema
  $ fastify-impersonate schema --schema packages/database/prisma/schema
  $ fastify-impersonate schema --print --provider mysql`)
    .action(async (asked: Asked) => { await writeModels(terminal, asked) })
}

async function writeModels ({ stdout, cwd }: Terminal, { schema, print, check, ...asked }: Asked): Promise<void> {
  if (print === true && asked.provider !== undefined) {
    stdout.write(bundledText(asked.provider))
    return
  }
  const place = await findSchema(cwd(), schema)
  const files = readSchema(place.path)
  const provider = asked.provider ?? providerOf(files.map(({ text }) => text).join('\n'))
  if (print === true) {
    stdout.write(bundledText(provider))
    return
  }
  const changes = changesOf(files, bundledModels(provider), join(asFolder(place), FILE))
  const shown = (file: string) => relative(cwd(), file)
  if (changes.length === 0) {
    stdout.write(`The schema in ${shown(place.path)} is up to date.\n`)
    return
  }
  if (check === true) {
    const wrong = changes.map(({ file, before }) => `${shown(file)} ${before === '' ? 'is missing' : 'is not up to date'}`)
    throw new Failure(`${wrong.join(', ')}: run fastify-impersonate schema`)
  }
  for (const { file, before, text } of changes) {
    writeFileSync(file, text)
    stdout.write(`${before === '' ? 'Wrote' : 'Updated'} ${shown(file)}.\n`)
  }
  const older = changes.some(({ before, text }) => hasModel(before, 'ImpersonationLog') && !before.includes('reportedAt') && text.includes('reportedAt'))
  stdout.write(nextSteps(provider, changes.every(({ before }) => before === '') ? 'impersonation-log' : 'impersonation-log-update', older))
}

interface Change { file: string, before: string, text: string }

/** The files that lack something of these models, with it. A model that is nowhere goes to where the others are. */
function changesOf (files: Array<{ file: string, text: string }>, models: Model[], newFile: string): Change[] {
  const changes: Change[] = files.map(({ file, text }) => ({ file, before: text, text }))
  const isHome = ({ file, text }: Change) => file === newFile || models.some(({ name }) => hasModel(text, name))
  const home = changes.find(isHome) ?? { file: newFile, before: '', text: '' }
  for (const model of models) {
    const there = changes.find(({ text }) => hasModel(text, model.name))
    if (there !== undefined) there.text = updateModel(there.text, model)
    else home.text = home.text.trim() === '' ? model.text : `${home.text.trimEnd()}\n\n${model.text}`
  }
  return [...new Set([home, ...changes])].filter(({ before, text }) => text !== before)
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

function nextSteps (provider: Provider, name: string, older: boolean): string {
  const binary = provider === 'mysql'
    ? `
Where ids of your users differ in upper and lower case alone, the log's filters take them for one on MySQL and MariaDB, unless
the tables compare exactly: make the migration with --create-only first, write COLLATE utf8mb4_bin into it, then migrate.
`
    : ''
  const rows = older
    ? `
Your log has no column reportedAt yet. Make the migration with --create-only first and put this at its end, then migrate. What
has ended counts as reported then, so that no end hook runs again; what is open is ended:
${statementForOldRows(provider).replace(/^/gm, '  ')}
`
    : ''
  return `
Next, a migration to commit, and the client:
  npx prisma migrate dev --name ${name}
  npx prisma generate
Where the application runs, before it starts:
  npx prisma migrate deploy
Then register the plugin with { prisma, users: prismaUsers(prisma.user) }.
${rows}${binary}`
}
