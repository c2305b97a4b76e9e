import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import view from '@fastify/view'
import { Eta } from 'eta'
import t, { type Test } from 'tap'
import ts from 'typescript'
import { browser, build, people } from '../kit/build.js'
import { root, run, until } from '../kit/built.js'
import { writeFiles } from '../kit/pages.js'
import { visitor } from '../kit/visitor.js'
import { memoryUsers } from '../../dist/index.js'
import { TABLE } from '../../dist/lib/options/table.js'
import { readOptions } from '../../dist/lib/options/read.js'

// The example is a process of its own, which takes its time on a busy machine.
t.setTimeout(120_000)

const readme = readFileSync(join(root, 'README.md'), 'utf8')

function section (title: string): string {
  return readme.split(/^## /m).find(text => text.startsWith(`${title}\n`)) ?? ''
}

/** The cells of a section's table, without its head. */
function table (title: string): string[][] {
  return section(title).split('\n').filter(line => line.startsWith('|')).slice(2)
    .map(line => line.split(/(?<!\\)\|/).slice(1, -1).map(cell => cell.trim()))
}

const word = (cell = ''): string => cell.replaceAll('`', '')

t.test('the complete example runs as it stands, in a folder of its own', async t => {
  const folder = t.testdir()
  writeFiles(section('A complete example'), folder)
  const example = run(['example.mjs'], { PORT: '0' }, folder)
  t.teardown(() => { example.child.kill('SIGKILL') })
  const [, origin = ''] = await until(example, /Open (http:\/\/localhost:\d+)/)

  const sam = visitor(origin)
  t.match((await sam.get('/')).text, 'Sign in first')
  await sam.get('/login?id=2')
  t.equal((await sam.get('/')).text, 'Hello sam. Whom to impersonate: /impersonate/list/')
  t.match((await sam.get('/impersonate/list/')).text, 'action="/impersonate/3/"')
  await sam.post('/impersonate/3/')
  t.match((await sam.get('/')).text, 'sam, you see this as carl.')
  await sam.post('/impersonate/stop/')
  t.match((await sam.get('/')).text, 'Hello sam.')
  const ada = visitor(origin)
  await ada.get('/login?id=1')
  t.match((await ada.get('/impersonate/log/')).text, /sam[\s\S]*carl[\s\S]*Stopped/)
})

t.test('the routes behave as they say', async t => {
  const { default: routes } = await load(t, 'On the request', 'routes.mjs')
  let time = Date.now()
  const app = await build(t, { readOnly: true, idleTimeout: 60, now: () => time, after: async app => { await app.register(routes) } })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  t.equal((await sam.post('/account/delete')).statusCode, 403)
  t.equal((await sam.get('/support/queue')).body, 'The queue of sam')
  t.equal((await sam.post('/cart')).body, 'In the cart of carl')
  t.equal((await sam.post('/who')).statusCode, 405, 'others are read-only')
  for (const [later, status] of [[40, 200], [30, 409]] as const) {
    time += later * 1000
    t.equal((await sam.getJson('/events')).statusCode, status)
  }
})

t.test('the hooks stop a start and note an end', async t => {
  const { default: hooks } = await load(t, 'Hooks', 'hooks.mjs')
  const lines: string[] = []
  const users = people()
  const carl = Object(users[2])
  const app = await build(t, {
    people: users, server: { logger: { level: 'info', stream: { write (line: string) { lines.push(line) } } } }, after: async app => { await app.register(hooks) }
  })
  const sam = browser(app)
  await sam.signIn(2)
  carl.email = null
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 403)
  carl.email = 'carl@example.com'
  await sam.postJson('/impersonate/3/')
  await sam.postJson('/impersonate/stop/')
  t.match(lines.join(''), /"endReason":"stopped","msg":"sam has seen this as Carl O'Brien"/)
})

t.test('the template shows whom one sees, and its field keeps stale forms out', async t => {
  const folder = t.testdirName
  const field = /<input type="hidden" name="_impersonation".*?%>">/.exec(section('Templates'))?.[0] ?? ''
  const app = await build(t, {
    before: async app => { await app.register(view, { engine: { eta: new Eta() }, root: folder }) },
    after: app => { for (const name of ['dashboard', 'form']) app.get(`/${name}`, async (request, reply) => await Reflect.get(reply, 'view').call(reply, `${name}.eta`)) }
  })
  writeFiles(section('Templates'), folder)
  writeFileSync(join(folder, 'form.eta'), field)
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.get('/dashboard')).body.trim(), '')
  const before = /value="(.*?)"/.exec((await sam.get('/form')).body)?.[1]
  await sam.postJson('/impersonate/3/')
  t.equal((await sam.get('/dashboard')).body.trim(), '<p>You see this as carl.</p>')
  t.equal((await sam.post('/who', { _impersonation: before })).statusCode, 409)
  const during = /value="(.*?)"/.exec((await sam.get('/form')).body)?.[1]
  t.equal((await sam.post('/who', { _impersonation: during })).statusCode, 200)
  t.equal((await sam.post('/who', {}, { 'x-impersonation': String(before) })).statusCode, 409)
})

t.test('the pages are in German, with a title of the application\'s own', async t => {
  const folder = t.testdir({
    'run.mjs': `
      import cookie from '@fastify/cookie'
      import session from '@fastify/session'
      import Fastify from 'fastify'
      import registerInGerman from './german.mjs'

      const app = Fastify()
      await app.register(cookie)
      await app.register(session, { secret: 'a secret of at least thirty-two characters', cookie: { secure: 'auto' }, saveUninitialized: false })
      await registerInGerman(app, [{ id: 1, username: 'sam', isStaff: true, isSuperuser: false }])
      app.get('/login', async request => { request.session.set('userId', 1); return {} })
      const { cookies: [{ name, value }] } = await app.inject('/login')
      console.log((await app.inject({ url: '/impersonate/list/', cookies: { [name]: value } })).body)
      await app.close()`
  })
  writeFiles(section('Templates'), folder)
  const app = run(['run.mjs'], {}, folder)
  t.equal(await app.exit, 0, app.output.text)
  t.match(app.output.text, /<html lang="de"[\s\S]*<h1[^>]*>Wem helfen wir\?/)
})

t.test('the tables have every option once, and no other', async t => {
  const documented = [...table('From django-impersonate').map(cells => word(cells[1])), ...table('Options').map(cells => word(cells[0]))]
  t.strictSame(documented.toSorted(), Object.keys(TABLE).toSorted())
})

t.test('the defaults in the tables are the defaults', async t => {
  const settings: object = readOptions({ users: memoryUsers([]) })
  const rows = [...table('From django-impersonate').map(cells => cells.slice(1)), ...table('Options')]
  const literals = rows.filter(([, value = '']) => /^`(?!.*\b(Date|prismaUsers|session|user)\b).*`$/.test(value))
  t.ok(literals.length > 20)
  for (const [name, value] of literals) {
    const actual: unknown = Reflect.get(settings, word(name))
    const plain = word(name) === 'readOnly' && typeof actual === 'function' ? actual() : actual instanceof Set ? [...actual] : word(name) === 'requireReason' ? actual !== null : word(name) === 'cookie' ? fieldsOf(actual, ['name', 'path', 'sameSite', 'secure']) : actual
    t.equal(inspect(plain).replace(/\s/g, ''), word(value).replace(/\s/g, ''), word(name))
  }
})

t.test('an editor shows each option with the default in the tables, also to who has only the package', async t => {
  const documented = new Map([...table('From django-impersonate').map(cells => cells.slice(1)), ...table('Options')].map(([name, value]) => [word(name), word(value)]))
  const types = join(root, 'dist/index.d.ts')
  const program = ts.createProgram([types], { module: ts.ModuleKind.NodeNext, strict: true, skipLibCheck: true, types: ['node'] })
  const checker = program.getTypeChecker()
  const source = program.getSourceFile(types)
  const exported = source && checker.getSymbolAtLocation(source)
  const options = exported && checker.getExportsOfModule(exported).find(({ name }) => name === 'ImpersonateOptions')
  const shown = options && checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(options)).getProperties()
  t.equal(shown?.length, documented.size)
  for (const option of shown ?? []) {
    const text = option.getJsDocTags(checker).find(({ name }) => name === 'default')?.text
    t.equal(word(ts.displayPartsToString(text)), documented.get(option.name), option.name)
    t.not(ts.displayPartsToString(option.getDocumentationComment(checker)), '', option.name)
  }
})

t.test('the tables are what lib/options/table/ says', async t => {
  const check = run(['docs/options.mjs', '--check'])
  t.equal(await check.exit, 0, check.output.text)
})

t.test('the commands are there as they are to be typed', async t => {
  t.match(readme, '\nnpm ci && npm start\n')
  t.match(readme, '\nnode example.mjs\n')
  t.match(readme, '`npm ci && npm test`')
})

function fieldsOf (value: unknown, names: string[]): object {
  return Object.fromEntries(names.map(name => [name, Reflect.get(Object(value), name)]))
}

/** A file of a section, as a module. */
async function load (t: Test, title: string, file: string) {
  const folder = t.testdir()
  writeFiles(section(title), folder)
  return await import(pathToFileURL(join(folder, file)).href)
}
