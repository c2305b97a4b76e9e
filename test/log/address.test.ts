import { PrismaPg } from '@prisma/adapter-pg'
import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { postgresOf } from '../../dist/lib/log/database/address.js'
import { connect, openEmbedded } from '../../dist/lib/log/database/embedded.js'
import { PrismaClient } from '../../dist/prisma/generated/postgresql/client.js'
import { browser, build } from '../kit/build.js'
import { command } from '../kit/terminal.js'
import { deployAndStart } from '../kit/migrate.js'
import { needsPostgresql, newDatabase } from '../kit/postgres.js'

t.setTimeout(120_000)

t.test('a file: address is a path as it stands', async t => {
  for (const name of ['100%.db', 'a%20b.db', 'a b.db', 'a#b.db', 'why?.db', 'é.db']) {
    const folder = t.testdir({})
    const path = join(folder, name)
    const app = await build(t, { databaseUrl: `file:${path}` })
    const sam = browser(app)
    await sam.signIn(2)
    t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201, name)
    await app.close()
    t.strictSame(readdirSync(folder).filter(file => !/-(wal|shm)$/.test(file)), [name])
    t.match(await command(['log', '-d', `file:${path}`]), { code: 0, stdout: '1 of 1 entry' })
  }
})

t.test('a file: address with a parameter is refused, and leaves nothing behind', async t => {
  const path = join(t.testdir({}), 'log.db')
  await t.rejects(build(t, { databaseUrl: `file:${path}?connection_limit=1` }), {
    code: 'FST_IMPERSONATE_INVALID_OPTION', message: /"databaseUrl" takes a file: address without parameters, as it is a path, but got '\?connection_limit=1'/
  })
  await t.rejects(build(t, { databaseUrl: 'postgresql://a:b:c:d' }), { code: 'FST_IMPERSONATE_INVALID_OPTION' })
  t.notOk(existsSync(path))
  t.strictSame(readdirSync(join(path, '..')), [])
})

t.test('a server that takes connections and never answers is an error before Fastify gives up', async t => {
  const server = createServer(socket => { t.teardown(() => { socket.destroy() }) }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  t.teardown(() => { server.close() })
  const { port } = Object(server.address())
  await t.rejects(build(t, { databaseUrl: `postgresql://127.0.0.1:${port}/none` }), { code: 'FST_IMPERSONATE_DATABASE', message: /PostgreSQL\) cannot be used/ })
})

t.test('?schema= of a PostgreSQL address becomes the search path, whatever the name, beside what the address has', async t => {
  const [there, plain] = ['postgresql://sam:secret@db.example.com/app', 'postgresql://db.example.com/app?sslmode=require']
  for (const [name, path] of [['audit', '"audit"'], ['Our own log', '"Our\\ own\\ log"'], ['a"b\\c', '"a""b\\\\c"']] as const) {
    for (const [more, before] of [['', ''], ['&options=-c%20statement_timeout%3D5', '-c statement_timeout=5 ']] as const) {
      const { connectionString, schema } = postgresOf(`${there}?schema=${encodeURIComponent(name)}${more}`)
      const url = new URL(connectionString)
      t.equal(schema, name)
      t.strictSame([...url.searchParams], [['options', `${before}-c search_path=${path}`]])
      url.search = ''
      t.equal(url.href, there)
    }
  }
  for (const address of [plain, `${plain}&schema=`]) t.strictSame(postgresOf(address), { connectionString: address, schema: undefined })

  for (const [address, schema] of [[`${there}?schema=audit`, 'audit'], [there, undefined]] as const) {
    const database = await connect(address)
    t.match(database, { provider: 'postgresql', key: address, shownAs: 'PostgreSQL' })
    t.equal(database.schema, schema)
    await database.client.$disconnect()
  }
})

t.test('on PostgreSQL ?schema= says where the tables are', await needsPostgresql(), async t => {
  const tables = async (url: string) => {
    const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
    t.teardown(async () => { await client.$disconnect() })
    return await client.$queryRawUnsafe('SELECT schemaname || \'.\' || tablename AS name FROM pg_tables WHERE schemaname !~ \'^(pg_|information_)\' ORDER BY 1')
  }
  const named = (schema: string) => ['ImpersonationEvent', 'ImpersonationLog', 'ImpersonationPermit', '_prisma_migrations'].map(table => ({ name: `${schema}.${table}` })).sort((a, b) => a.name < b.name ? -1 : 1)

  for (const [schema, more] of [['audit', ''], ['Our own log', '&options=-c%20statement_timeout%3D60000']] as const) {
    const url = await newDatabase(t)
    const there = `${url}?schema=${encodeURIComponent(schema)}${more}`
    for (const times of [1, 2]) {
      const app = await build(t, { databaseUrl: there })
      const sam = browser(app)
      await sam.signIn(2)
      t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
      await sam.postJson('/impersonate/stop/')
      await app.close()
      t.same((await tables(url) as Array<{ name: string }>).map(({ name }) => name).sort(), named(schema).map(({ name }) => name).sort(), String(times))
    }
    t.match(await command(['log', '-d', there]), { code: 0, stdout: '2 of 2 entries' })
    const { applied, close } = await openEmbedded(there)
    t.strictSame(applied, [])
    await close()
  }

  const url = await newDatabase(t)
  await deployAndStart(t, `${url}?schema=audit`)
  t.same(await tables(url), named('audit'))
})
