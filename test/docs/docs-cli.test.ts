import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root, run } from '../kit/built.js'
import { newFile, open, openLog, row } from '../kit/database.js'
import { command } from '../kit/terminal.js'

t.setTimeout(180_000)

const read = (name: string) => readFileSync(join(root, 'docs', name), 'utf8')

t.test('every command of command-line.md works, on the log that is there with nothing set', async t => {
  const path = newFile(t)
  const prisma = await openLog(t, path)
  await prisma.impersonationLog.create({ data: row({ id: '0195c7a2-7a5e-7c3e-9d7f-3d1a5b0c9e21', ...open, sessionStartedAt: new Date(Date.now() - 1000) }) })
  process.env['IMPERSONATE_DATABASE_URL'] = `file:${path}`
  t.teardown(() => { delete process.env['IMPERSONATE_DATABASE_URL'] })
  const commands = read('command-line.md').match(/^npx fastify-impersonate .*$/gm) ?? []
  t.equal(commands.length, 7)
  for (const line of commands) {
    const args = line.replace('file:./impersonate.db', `file:${path}`).split(' ').slice(2)
    t.match(await command(args), { code: 0, stderr: '' }, line)
  }
  t.match(await prisma.impersonationLog.findFirst(), { endReason: 'revoked', endedByName: /^ada \(/ })
})

t.test('the help and command-line.md have the same commands', async t => {
  const { stdout } = await command(['--help'])
  const listed = [...stdout.matchAll(/^ {2}(\w+) (?:\[options\])/gm)].map(([, name]) => name)
  t.strictSame([...read('command-line.md').matchAll(/^\| `(\w+)/gm)].map(([, name]) => name), listed)
})

t.test('the examples of testing.md run as they stand', async t => {
  const folder = t.testdir({
    'app.js': `
      import cookie from '@fastify/cookie'
      import session from '@fastify/session'
      import Fastify from 'fastify'
      import impersonate, { memoryUsers } from 'fastify-impersonate'

      export async function createApp (options = {}) {
        const app = Fastify()
        await app.register(cookie)
        await app.register(session, { secret: 'a secret of at least thirty-two characters', cookie: { secure: 'auto' }, saveUninitialized: false })
        await app.register(impersonate, { users: memoryUsers([{ id: 2, username: 'sam', isStaff: true, isSuperuser: false }, { id: 3, username: 'carl', isSuperuser: false }]), databaseUrl: 'file:./test.db', ...options })
        app.post('/login', async request => { request.session.set('userId', 2); return {} })
        app.get('/account', async ({ user, impersonator }) => ({ name: user.username, card: impersonator === null ? '4111' : null }))
        return app
      }`
  })
  const [first = '', second = '', third = ''] = [...read('testing.md').matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code)
  writeFileSync(join(folder, 'first.js'), first)
  writeFileSync(join(folder, 'second.js'), `import { createApp } from './app.js'\n${second}`)
  writeFileSync(join(folder, 'third.js'), third)
  for (const [file, words] of [['first.js', /pass 1\n.*fail 0\n/], ['second.js', /^409\n/], ['third.js', /fail 0\n/]] as const) {
    const { exit, output } = run([file], {}, folder)
    t.equal(await exit, 0, file)
    t.match(output.text, words, file)
  }
})
