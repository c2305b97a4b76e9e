import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import view from '@fastify/view'
import { Eta } from 'eta'
import Fastify, { type FastifyRequest } from 'fastify'
import t from 'tap'
import { memoryUsers } from '../../dist/index.js'
import { testUserSource, type PlainUser } from '../../dist/lib/testing/index.js'
import type { UserQuery } from '../../dist/lib/types/index.js'
import { browser, build } from '../kit/build.js'
import { root, run, until } from '../kit/built.js'
import { blocksOf, pages, startPage, textOf, writeFiles } from '../kit/pages.js'
import { sqliteClient } from '../kit/prisma.js'
import { visitor } from '../kit/visitor.js'

// What is in the pages runs in processes of their own, which take their time on a busy machine.
t.setTimeout(120_000)

/** The commands in the pages, and the test that runs each. */
const COMMANDS: Record<string, string> = {
  'npm ci && npm start': 'test/docs/demo.test.ts',
  'node example.mjs': 'test/docs/readme.test.ts',
  'node app.mjs': 'test/docs/docs.test.ts and test/docs/neighbours.test.ts',
  'IMPERSONATE_DATABASE_URL=postgresql://… npx prisma migrate deploy --config node_modules/fastify-impersonate/prisma/prisma.config.mjs': 'test/services/postgresql.test.ts',
  'SESSION_KEY=$(openssl rand -hex 32) IMPERSONATE_DATABASE_URL=postgresql://localhost/app node app.mjs': 'test/services/docs.test.ts'
}

/** Whether a page has a test of its own, which names it. */
function hasOwnTest (page: string): boolean {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(test\.ts|mjs)$/.test(name) && !/^(docs\/docs\.test\.ts|services\/docs\.test\.ts|kit)/.test(name))
    .some(name => readFileSync(join(root, 'test', name), 'utf8').includes(page))
}

t.test('each block of the pages is a file or a command that a test runs', async t => {
  for (const file of Object.values(COMMANDS).flatMap(names => names.split(' and '))) t.ok(existsSync(join(root, file)), file)
  for (const page of pages().filter(page => !hasOwnTest(page) || page === 'README.md')) {
    for (const { language, file, code } of blocksOf(textOf(page))) {
      if (language !== 'sh') t.ok(file, `${page}: a file's name before ${code.slice(0, 60)}`)
      else for (const command of code.trim().split('\n')) t.ok(command.startsWith('npm install ') || COMMANDS[command], `${page}: the command ${command}`)
    }
  }
})

t.test('the banner of the page about it is in a layout of the application\'s own, and only while impersonating', async t => {
  const folder = t.testdirName
  const app = await build(t, {
    before: async app => { await app.register(view, { engine: { eta: new Eta() }, root: folder }) },
    after: app => app.get('/page', async (request, reply) => await Reflect.get(reply, 'view').call(reply, 'page.eta', { banner: app.impersonate.banner(request) }))
  })
  writeFiles(textOf('docs/banner.md'), folder)
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.get('/page')).body.trim().replace(/\s+/g, ' '), '<body>')
  await sam.postJson('/impersonate/3/')
  t.match((await sam.get('/page')).body, /<body>\s+<impersonate-banner[\s\S]*Carl O&#39;Brien/)
})

t.test('the upload of the page about caches runs no form that was made as somebody else', async t => {
  const folder = t.testdir()
  writeFiles(textOf('docs/pages-from-caches.md'), folder)
  const { default: upload } = await import(pathToFileURL(join(folder, 'upload.mjs')).href)
  const app = await build(t, {
    before: app => {
      // As @fastify/multipart gives them: one after the other, while they arrive.
      app.decorateRequest('parts', async function * (this: FastifyRequest) {
        yield { type: 'field', fieldname: '_impersonation', value: Object(this.query).state }
        yield { type: 'file', fieldname: 'file', filename: 'a.txt', toBuffer: async () => Buffer.from('four') }
      })
    },
    after: async app => { await app.register(upload) }
  })
  const sam = browser(app)
  await sam.signIn(2)
  t.same((await sam.postJson('/files?state=none')).json(), [{ name: 'a.txt', size: 4, of: 'sam' }])
  const { impersonation } = (await sam.postJson('/impersonate/3/')).json()
  t.equal((await sam.postJson('/files?state=none')).statusCode, 409)
  t.same((await sam.postJson(`/files?state=${impersonation.id}`)).json(), [{ name: 'a.txt', size: 4, of: 'carl' }])
  t.equal((await sam.send({
    method: 'POST', url: '/files?state=none', headers: { 'x-impersonation': 'none', accept: 'application/json' }
  })).json().code, 'FST_IMPERSONATE_STALE_PAGE')
})

t.test('what a page has its reader install is what its files import, in versions that are tested here', async t => {
  const { version, devDependencies, ...mine } = JSON.parse(textOf('package.json'))
  const tested = new Map(Object.entries<string>({ ...mine.dependencies, ...devDependencies, 'fastify-impersonate': version }).map(([name, range]) => [name, range.replace('^', '')]))
  for (const page of pages()) {
    const blocks = blocksOf(textOf(page))
    const installed = blocks.flatMap(({ language, code }) => language === 'sh' ? [...code.matchAll(/^npm install (.*)$/gm)] : []).flatMap(([, names = '']) => names.split(' '))
    if (installed.length === 0) continue
    const names = new Set<string>()
    for (const name of installed) {
      const [, plain = '', wanted = ''] = /^(@?[^@]+)@?(.*)$/.exec(name) ?? []
      names.add(plain)
      t.ok(tested.get(plain)?.startsWith(wanted), `${page}: ${name}`)
    }
    const imports = blocks.flatMap(({ language, code }) => language === 'js' ? [...code.matchAll(/ from '((?:@[\w-]+\/)?[\w-]+)[^']*'$/gm)] : []).map(([, name = '']) => name)
    for (const name of imports) t.ok(name === 'node' || names.has(name), `${page}: ${name} is imported and not installed`)
  }
})

t.test('links within the pages lead somewhere', async t => {
  const anchorsOf = (text: string) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'))
  for (const page of [...pages(), 'SECURITY.md', 'CHANGELOG.md']) {
    for (const [, target = ''] of textOf(page).replaceAll(/```[\s\S]*?```|<!--[\s\S]*?-->/g, '').matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? join(root, page) : join(root, page, '..', path)
      t.ok(existsSync(file), `${page}: ${target}`)
      if (anchor !== undefined) t.ok(anchorsOf(readFileSync(file, 'utf8')).includes(anchor), `${page}: ${target}`)
    }
  }
})

t.test('docs/errors.md is what lib/errors.ts says', async t => {
  const check = run(['docs/errors.mjs', '--check'])
  t.equal(await check.exit, 0, check.output.text)
})

t.test('the application of somebody who comes from django-impersonate runs as it stands', async t => {
  const { app, origin } = await startPage(t, 'docs/from-django-impersonate.md')
  const sam = visitor(origin)
  await sam.post('/login', { id: '2' })
  const dashboard = (await sam.get('/dashboard')).text
  t.match(dashboard, /carl <form[\s\S]*action="\/impersonate\/3\/"/)
  t.match(dashboard, /cleo\s*<\/li>/, 'another team\'s: no link')
  t.equal((await sam.post('/impersonate/4/')).status, 404)
  t.match((await sam.get('/impersonate/list/?next=/dashboard')).text, 'name="next" value="/dashboard"')

  t.match(await sam.post('/impersonate/3/', { next: '/dashboard' }, { referer: `${origin}/dashboard` }), { status: 302, location: '/dashboard' })
  t.match((await sam.get('/dashboard')).text, 'You are sam, and see this as carl.')
  t.equal((await sam.post('/dashboard')).status, 405)
  t.match(await sam.get('/billing/'), { text: 'Billing of sam' })
  t.match(await sam.post('/impersonate/stop/'), { status: 302, location: '/dashboard' })
  await until(app, /sam has started impersonating carl\.\nsam has finished impersonating carl: stopped\./)

  const ada = visitor(origin)
  await ada.post('/login', { id: '1' })
  const { logs: [{ id }] } = await ada.getJson('/impersonate/log/')
  const edited = await ada.send(`/impersonate/log/${id}/`, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"reason":"Ticket 7"}' })
  t.match(JSON.parse(edited.text), { reason: 'Ticket 7' })
})

t.test('the source of a user source of your own keeps the contract', async t => {
  const folder = t.testdir()
  writeFiles(textOf('docs/own-users.md'), folder)
  const { remoteUsers } = await import(pathToFileURL(join(folder, 'remote-users.mjs')).href)

  /** The directory service: it has the same users, and each team is a list of ids. */
  async function serve (users: PlainUser[]): Promise<string> {
    const source = memoryUsers(users)
    const scopeOf = (team?: string) => team === undefined ? undefined : (user: PlainUser) => team.split('-').includes(String(user.id))
    const directory = Fastify()
    t.teardown(async () => { await directory.close() })
    directory.get<{ Params: { id: string }, Querystring: { team?: string } }>('/users/:id', async (request, reply) =>
      await source.findById(request.params.id, scopeOf(request.query.team)) ?? reply.code(404).send())
    directory.get<{ Querystring: { terms: string, fields: string, lookup: UserQuery['lookup'], team?: string, after?: string, before?: string, offset?: string, limit: string } }>('/users', async ({ query }) => {
      const { terms, fields, lookup, team, after, before, offset, limit } = query
      const all = { terms: JSON.parse(terms), fields: fields.split(','), lookup, scope: scopeOf(team), countLimit: 1_000_000 }
      const { users, count } = await source.findPage({ ...all, after, before, pageSize: Number(limit) + Number(offset ?? 0) })
      return { users: users.slice(Number(offset ?? 0)), total: count }
    })
    return await directory.listen({ port: 0 })
  }

  await testUserSource({
    test: async (name, work) => await t.test(name, work),
    id: number => number,
    create: async users => ({ source: remoteUsers(await serve(users)), only: ids => ids.join('-') })
  })
  const broken = Fastify().get('/users/1', async (request, reply) => reply.code(500).send())
  t.teardown(async () => { await broken.close() })
  await t.rejects(remoteUsers(await broken.listen({ port: 0 })).findById('1'), { message: 'The directory answered 500' })
})

t.test('the hook of the log\'s page copies each begin and end, tells the customer, and without a copy nothing starts', async t => {
  const folder = t.testdir()
  writeFiles(textOf('docs/the-log.md'), folder)
  const { default: audit } = await import(pathToFileURL(join(folder, 'audit.mjs')).href)
  const file = join(folder, 'audit.log')
  const told: unknown[] = []
  const app = await build(t, { databaseUrl: `file:${join(folder, 'log.db')}`, after: async app => { await app.register(audit, { file, tell: async (user: object) => { told.push(user) } }) } })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  await sam.postJson('/impersonate/stop/')
  t.match(readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line)), [
    { event: 'begin', impersonatorId: '2', impersonatingId: '3', endReason: null }, { event: 'end', impersonatorId: '2', impersonatingId: '3', endReason: 'stopped' }
  ])
  t.match(told, [{ id: 3 }])

  const blind = await build(t, { databaseUrl: `file:${join(folder, 'log.db')}`, after: async app => { await app.register(audit, { file: folder, tell: async () => {} }) } })
  const sue = browser(blind)
  await sue.signIn(6)
  t.match((await sue.postJson('/impersonate/3/')).json(), { code: 'FST_IMPERSONATE_ABORTED' })
})

t.test('the retention of the log\'s page deletes what ended more than a year ago, and nothing that runs', async t => {
  const folder = t.testdir()
  writeFiles(textOf('docs/the-log.md'), folder)
  const { forgetOldImpersonations } = await import(pathToFileURL(join(folder, 'retention.mjs')).href)
  const prisma = await sqliteClient(t)
  const row = { impersonatorId: '2', impersonatorName: 'sam', impersonatingId: '3', impersonatingName: 'carl', readOnly: false }
  const long = new Date('2020-01-01')
  const rows = [{ id: 'old', ended: long }, { id: 'new', ended: new Date() }, { id: 'running', ended: null }]
  await prisma.impersonationLog.createMany({
    data: rows.map(({ id, ended }) => ({ ...row, id, sessionKey: id, sessionStartedAt: long, lastSeenAt: long, sessionEndedAt: ended }))
  })
  t.equal(await forgetOldImpersonations(prisma), 1)
  t.strictSame((await prisma.impersonationLog.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id), ['new', 'running'])
})

t.test('the columns and end reasons of the log\'s page are those of the model and the types', async t => {
  const [columns = '', reasons = ''] = textOf('docs/the-log.md').split('| `endReason` | |')
  const model = readFileSync(join(root, 'prisma/impersonation-log.prisma'), 'utf8').match(/^ {2}\w+/gm)?.map(name => name.trim()) ?? []
  t.ok(model.length > 15)
  for (const name of model) t.ok(columns.includes(`\`${name}\``) || reasons.includes(`\`${name}\``), name)
  const types = /export type EndReason =\n([\s\S]*?)\n\n/.exec(readFileSync(join(root, 'lib/types/log.ts'), 'utf8'))?.[1] ?? ''
  const known = [...types.matchAll(/'(\w+)'/g)].map(([, name]) => name)
  const documented = [...(reasons.split('## ')[0] ?? '').matchAll(/^\| (`.*`) \|/gm)].flatMap(([, names = '']) => names.replaceAll('`', '').split(' '))
  t.strictSame(documented.toSorted(), known.toSorted())
})
