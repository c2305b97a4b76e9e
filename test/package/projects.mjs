// From an empty folder to a working application on its own database, by the packed package and the commands of
// docs/own-database.md, once for each database: `npm run check:projects`. A database that does not answer is left out, but
// not with CI=true.
//
// prisma migrate runs with test/kit/prisma-schema-engine.mjs in the place of Prisma's engine, whose head says what works:
// on PostgreSQL a migration is written by migrate diff, and on MariaDB, where nothing does, by hand.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { devDependencies, filesWith, newProject, pack, pinned, root, run } from './pack.mjs'

const require = createRequire(join(root, 'package.json'))
const id = `impersonate_project_${randomUUID().replaceAll('-', '')}`
const postgresUrl = new URL(process.env.TEST_POSTGRES_URL ?? 'postgresql://postgres@127.0.0.1:5432/postgres')
const mariadbUrl = new URL(process.env.TEST_MARIADB_URL ?? 'mariadb://root@127.0.0.1:3306/mysql')
const at = (server, name) => Object.assign(new URL(server), { pathname: `/${name}` }).href

const databases = [
  {
    name: 'SQLite', provider: 'sqlite', adapter: '@prisma/adapter-libsql', url: 'file:./app.db', client: '{ PrismaLibSql: Adapter }', made: "{ url: 'file:./app.db' }", ask: async () => {}
  },
  {
    name: 'PostgreSQL',
    provider: 'postgresql',
    adapter: '@prisma/adapter-pg',
    url: at(postgresUrl, id),
    client: '{ PrismaPg: Adapter }',
    made: '{ connectionString: process.env.DATABASE_URL }',
    flags: ['--omit=optional'],
    async ask (sql) {
      const client = new (require('pg').Client)({ connectionString: postgresUrl.href })
      await client.connect()
      await client.query(sql).finally(() => client.end())
    }
  },
  {
    name: 'MariaDB',
    provider: 'mysql',
    adapter: '@prisma/adapter-mariadb',
    url: at(mariadbUrl, id),
    client: '{ PrismaMariaDb: Adapter }',
    made: "process.env.DATABASE_URL ?? ''",
    flags: ['--omit=optional'],
    ask: async (sql, url = mariadbUrl.href) => {
      const connection = await require('mariadb').createConnection(`${url}?multipleStatements=true`)
      await connection.query(sql).finally(() => connection.end())
    }
  }
]

const documented = new Set(readFileSync(join(root, 'docs/own-database.md'), 'utf8').match(/^npx .*$/gm))
const tarball = pack()
for (const database of databases) {
  if (await isThere(database)) await makeProject(database).finally(() => database.ask(`DROP DATABASE IF EXISTS ${id}`))
}
assert.deepEqual([...documented], [], 'a command that is documented, and that nothing here has run')

async function isThere ({ name, ask }) {
  try {
    await ask(`CREATE DATABASE ${id}`)
    return true
  } catch (error) {
    if (process.env.CI === 'true') throw error
    console.log(`${name}: left out, as it does not answer`)
    documented.clear()
    return false
  }
}

async function makeProject ({ name, provider, adapter, url, client, made, flags, ask }) {
  const start = Date.now()
  const folder = newProject(`an application on ${name}`, 'project',
    [tarball, ...pinned('fastify', '@fastify/cookie', 'prisma', '@types/node', 'typescript'), ...[adapter, '@prisma/client'].map(name => `${name}@${devDependencies.prisma}`)], flags)
  // The stand-in is looked for in the project; it is no part of what an application installs.
  const engine = newEngine(folder)
  const env = { DATABASE_URL: url, PRISMA_SCHEMA_ENGINE_BINARY: engine, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' }
  const type = command => {
    documented.delete(command)
    const [program, ...args] = command.split(' ')
    return run(folder, program, args, env)
  }
  writeFileSync(join(folder, 'src/prisma.ts'), `import ${client.replace(':', ' as')} from '${adapter}'\nimport { PrismaClient } from './generated/client.js'\n\nexport const prisma = new PrismaClient({ adapter: new Adapter(${made}) })\n`)
  const schema = join(folder, 'prisma/schema/schema.prisma')
  writeFileSync(schema, readFileSync(schema, 'utf8').replace('PROVIDER', provider))

  // As it was with an older version, with entries in its log.
  const older = join(folder, 'prisma/schema/impersonation-log.prisma')
  renameSync(join(folder, 'older.prisma'), older)
  await migrate('1')
  const rows = ['one', "it's two", 'three'].map((name, index) => `('id-${index}', 'key-${index}', '2', 'sam', '3', '${name.replace("'", "''")}', '2026-01-0${index + 1} 10:00:00.123', '2026-01-01 10:00:00', '2026-01-09 10:00:00', 'stopped', 'T-${index}')`)
  const columns = ['id', 'sessionKey', 'impersonatorId', 'impersonatorName', 'impersonatingId', 'impersonatingName', 'sessionStartedAt', 'lastSeenAt', 'sessionEndedAt', 'endReason', 'ticket']
  const quote = provider === 'mysql' ? '`' : '"'
  writeFileSync(join(folder, 'rows.sql'), `INSERT INTO ${quote}ImpersonationLog${quote} (${columns.map(column => quote + column + quote).join(', ')}) VALUES ${rows.join(', ')};\n`)
  await execute('rows.sql')

  // The update.
  assert.throws(() => type('npx fastify-impersonate schema --check'), /is not up to date/)
  const updated = type('npx fastify-impersonate schema')
  assert.match(updated, /Updated prisma\/schema\/impersonation-log\.prisma/)
  assert.match(readFileSync(older, 'utf8'), /ticket +String\?/)
  assert.match(type('npx fastify-impersonate schema --check'), /is up to date/)
  await migrate('2')
  writeFileSync(join(folder, 'old-rows.sql'), /^ *UPDATE [^;]*;/m.exec(updated)[0])
  await execute('old-rows.sql')
  type('npx prisma generate')
  run(folder, 'npx', ['tsc'])
  console.log(`${name}: ${run(folder, 'node', ['dist/app.js'], env).trim()}`)

  const sessions = JSON.parse(run(folder, 'npx', ['fastify-impersonate', 'sessions', '--prisma', 'dist/prisma.js', '--json'], env)).sessions
  assert.equal(sessions.length, 1)
  assert.match(type('npx fastify-impersonate sessions --prisma dist/prisma.js'), /1 running/)
  assert.match(run(folder, 'npx', ['fastify-impersonate', 'end', sessions[0].id, '--prisma', 'dist/prisma.js'], env), /Ended as revoked/)
  const { logs } = JSON.parse(run(folder, 'npx', ['fastify-impersonate', 'log', '--prisma', 'dist/prisma.js', '--json'], env))
  assert.deepEqual(logs.map(({ endReason }) => endReason), ['revoked', 'stopped', 'stopped', 'stopped', 'stopped'])
  assert.deepEqual(logs.slice(2).map(({ id, sessionStartedAt, impersonating }) => [id, sessionStartedAt, impersonating.name]), [
    ['id-2', '2026-01-03T10:00:00.123Z', 'three'], ['id-1', '2026-01-02T10:00:00.123Z', "it's two"], ['id-0', '2026-01-01T10:00:00.123Z', 'one']
  ])
  type('npx fastify-impersonate schema --print --provider postgresql')
  assert.deepEqual(filesWith(join(folder, 'node_modules'), 'binding.gyp'), [], 'something to compile')
  console.log(`${name}: an application that works, by the packed package, after ${((Date.now() - start) / 1000).toFixed(1)} s`)

  /** Brings the database to what the schema says. */
  async function migrate (number) {
    const folders = join(folder, 'prisma/migrations', `2026010${number}000000_impersonation_log`)
    if (provider === 'sqlite') {
      type(number === '1' ? 'npx prisma migrate dev --name impersonation-log' : 'npx prisma migrate dev --name impersonation-log-update')
      assert.match(type('npx prisma migrate deploy'), /No pending migrations/)
    } else if (provider === 'postgresql') {
      mkdirSync(folders, { recursive: true })
      writeFileSync(join(folder, 'prisma/migrations/migration_lock.toml'), `provider = "${provider}"\n`)
      const before = join(folder, 'before')
      const from = existsSync(before) ? ['--from-schema', 'before'] : ['--from-empty']
      writeFileSync(join(folders, 'migration.sql'), run(folder, 'npx', ['prisma', 'migrate', 'diff', ...from, '--to-schema', 'prisma/schema', '--script'], env))
      cpSync(join(folder, 'prisma/schema'), before, { recursive: true })
      assert.match(type('npx prisma migrate deploy'), /successfully applied/)
    } else {
      mkdirSync(folders, { recursive: true })
      cpSync(join(folder, 'mariadb', `${number}.sql`), join(folders, 'migration.sql'))
      await ask(readFileSync(join(folders, 'migration.sql'), 'utf8'), url)
    }
  }

  async function execute (file) {
    if (provider === 'mysql') await ask(readFileSync(join(folder, file), 'utf8'), url)
    else run(folder, 'npx', ['prisma', 'db', 'execute', '--file', file], env)
  }
}

/** The stand-in finds its parts from the working directory: a copy that finds them here. */
function newEngine (folder) {
  const engine = join(folder, 'schema-engine.mjs')
  const source = readFileSync(join(root, 'test/kit/prisma-schema-engine.mjs'), 'utf8')
  writeFileSync(engine, source.replace("createRequire(join(process.cwd(), 'package.json'))", `createRequire(${JSON.stringify(join(root, 'package.json'))})`), { mode: 0o755 })
  return engine
}
