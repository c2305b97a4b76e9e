import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import os, { tmpdir } from 'node:os'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ignoreClosedPipe } from '../../dist/lib/cli/terminal.js'
import t, { type Test } from 'tap'
import { browser, build } from '../kit/build.js'
import { newFile, open, openLog, row } from '../kit/database.js'
import type { LogRow } from '../../dist/lib/log/store.js'
import { command } from '../kit/terminal.js'

t.setTimeout(120_000)

/** A log with these rows, and how the command line is told where it is. */
async function withRows (t: Test, rows: Array<Partial<LogRow>>) {
  const path = newFile(t)
  const prisma = await openLog(t, path)
  await prisma.impersonationLog.createMany({ data: rows.map(row) })
  return { prisma, where: ['-d', `file:${path}`] }
}

/** A process of its own, with the arguments of `main.ts`. */
async function spawn (args: string[], stdio: { end?: boolean } = {}): Promise<{ code: number, stdout: string, stderr: string }> {
  return await new Promise(resolve => {
    const child = execFile(process.execPath, [...process.execArgv, fileURLToPath(new URL('../../dist/lib/cli/main.js', import.meta.url)), ...args],
      (error, stdout, stderr) => { resolve({ code: Number(error?.code ?? 0), stdout, stderr }) })
    if (stdio.end === true) child.stdout?.destroy()
  })
}

t.test('the log is a table, newest first', async t => {
  const { where } = await withRows(t, [
    { id: 'a', sessionStartedAt: new Date('2026-01-01T10:00:00Z'), sessionEndedAt: new Date('2026-01-01T12:05:00Z') },
    { id: 'b', sessionStartedAt: new Date('2026-01-03T10:00:00Z'), ...open },
    { id: 'c', sessionStartedAt: new Date('2026-01-02T10:00:00Z'), sessionEndedAt: new Date('2026-01-02T10:00:09Z'), endReason: 'expired' },
    { id: 'd', sessionStartedAt: new Date('2025-01-02T10:00:00Z') }
  ])
  const { code, stdout } = await command(['log', ...where])
  t.equal(code, 0)
  t.equal(stdout, `ID  STARTED               LAST SEEN             LASTED     END      WHO AS WHOM
b   2026-01-03T10:00:00Z  2026-01-03T10:00:00Z             running  sam (2) as Carl O'Brien (3)
c   2026-01-02T10:00:00Z  2026-01-02T10:00:00Z  9 s        expired  sam (2) as Carl O'Brien (3)
a   2026-01-01T10:00:00Z  2026-01-01T10:00:00Z  2 h 5 min  stopped  sam (2) as Carl O'Brien (3)
d   2025-01-02T10:00:00Z  2025-01-02T10:00:00Z  1 min      stopped  sam (2) as Carl O'Brien (3)
4 of 4 entries
`)
})

t.test('the log is filtered and paged', async t => {
  const { where } = await withRows(t, [
    { id: 'a', sessionStartedAt: new Date('2026-01-01T00:00:00Z'), impersonatorId: '1' },
    { id: 'b', sessionStartedAt: new Date('2026-01-02T00:00:00Z'), impersonatingId: '4' },
    { id: 'c', sessionStartedAt: new Date('2026-01-03T00:00:00Z'), ...open }
  ])
  const ids = async (...args: string[]) => {
    const { code, stdout } = await command(['log', '--json', ...args, ...where])
    t.equal(code, 0)
    return JSON.parse(stdout).logs.map(({ id }: { id: string }) => id).join('')
  }
  t.equal(await ids('--session', 'complete'), 'ba')
  t.equal(await ids('--session', 'incomplete'), 'c')
  t.equal(await ids('--impersonator', '1'), 'a')
  t.equal(await ids('--impersonating', '4'), 'b')
  t.equal(await ids('--from', '2026-01-02'), 'cb')
  t.equal(await ids('--to', '2026-01-02T00:00:00Z'), 'a')
  t.equal(await ids('--page', '2', '--per-page', '2'), 'a')
  t.match((await command(['log', '--per-page', '2', ...where])).stdout, /\n2 of 3 entries, the next ones: --page 2\n$/)
  t.match((await command(['log', '--impersonator', '1', ...where])).stdout, /\n1 of 1 entry\n$/)
})

t.test('the log in JSON is what the route answers', async t => {
  const { where } = await withRows(t, [{ id: 'a' }])
  t.strictSame(JSON.parse((await command(['log', '--json', ...where])).stdout), {
    logs: [{
      id: 'a',
      impersonator: { id: '2', name: 'sam' },
      impersonating: { id: '3', name: "Carl O'Brien" },
      reason: null,
      readOnly: false,
      sessionStartedAt: '2026-01-31T12:00:00.000Z',
      expiresAt: null,
      lastSeenAt: '2026-01-31T12:00:00.000Z',
      sessionEndedAt: '2026-01-31T12:01:00.000Z',
      duration: 60,
      endReason: 'stopped',
      endedBy: { id: '2', name: 'sam' }
    }],
    page: { number: 1, hasNext: false, hasPrevious: false },
    paginator: { count: 1, countIsExact: true, numPages: 1, perPage: 20 }
  })
})

t.test('an empty log says so', async t => {
  const { where } = await withRows(t, [])
  t.match(await command(['log', ...where]), { code: 0, stdout: 'No entries.\n', stderr: '' })
})

t.test('counting stops at a thousand', async t => {
  const { where } = await withRows(t, Array.from({ length: 1001 }, () => ({})))
  t.match((await command(['log', '--per-page', '1', ...where])).stdout, '1 of more than 1000 entries, the next ones: --page 2\n')
})

t.test('one entry is shown whole', async t => {
  const { where } = await withRows(t, [{ id: 'a', reason: 'ticket 7', userAgent: 'curl/8' }, { id: 'b', ...open }])
  const { code, stdout } = await command(['log', 'a', ...where])
  t.equal(code, 0)
  for (const line of ['id                a\n', "impersonating     Carl O'Brien (3)\n", 'reason            ticket 7\n', 'endedBy           sam (2)\n', 'userAgent         curl/8\n', 'expiresAt         –\n']) t.match(stdout, line)
  t.match((await command(['log', 'b', ...where])).stdout, 'endedBy           –\n')
  t.match(JSON.parse((await command(['log', 'a', '--json', ...where])).stdout), { id: 'a', reason: 'ticket 7' })
  t.match(await command(['log', 'c', ...where]), { code: 1, stdout: '', stderr: 'error: There is no entry c in this log\n' })
})

t.test('a name cannot steer the terminal', async t => {
  const { where } = await withRows(t, [{ impersonatorName: '\u001b[2Jsam\r\u202eevil', userAgent: 'a\u0007b' }])
  const { stdout } = await command(['log', ...where])
  t.match(stdout, 'sam\ufffd\ufffdevil (2)')
  // eslint-disable-next-line no-control-regex
  t.notMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u202e]/)
})

t.test('what is there and not seen is a mark in a table and an escape in JSON, which stays the same JSON', async t => {
  const unseen = ['\u0085', '\u009b', '\u009d', '\u00ad', '\u061c', '\u200b', '\u200e', '\u200f', '\u2028', '\u2029', '\u202e', '\u2060', '\u2066', '\u2069', '\ufeff', '\u{e0041}', '\u007f']
  const name = `ca\nrl${unseen.join('')}`
  const { where } = await withRows(t, [{ id: 'a', impersonatorName: name, impersonatingName: name, reason: name }, { id: 'b', impersonatingName: name, ...open }])
  for (const args of [['log'], ['log', 'a'], ['sessions']]) {
    const table = (await command([...args, ...where])).stdout
    const { stdout } = await command([...args, '--json', ...where])
    for (const text of unseen) t.notOk(table.includes(text) || stdout.includes(text), `${args.join(' ')} ${escape(text)}`)
    t.match(table, `rl${'\ufffd'.repeat(unseen.length)}`)
    const { logs: [entry] = [JSON.parse(stdout)], sessions: [session] = [entry] } = JSON.parse(stdout)
    t.equal(session.impersonating.name, name)
    t.match(stdout, '\\u200b')
  }
})

t.test('there are colours on a terminal alone, and none where NO_COLOR is set', async t => {
  const { where } = await withRows(t, [{}])
  const before = { ...process.env }
  t.teardown(() => { process.env = before })
  for (const name of ['FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS', 'CI']) delete process.env[name]
  process.env['TERM'] = 'xterm-256color'
  t.match((await command(['log', ...where], { isTTY: true })).stdout, '\u001b[1mID')
  t.match((await command(['nonsense'], { isTTY: true })).stderr, '\u001b[31merror')
  t.match((await command(['log', 'x', ...where], { isTTY: true })).stderr, '\u001b[31merror')
  t.notMatch((await command(['log', ...where])).stdout, '\u001b')
  process.env['NO_COLOR'] = '1'
  t.notMatch((await command(['log', ...where], { isTTY: true })).stdout, '\u001b')
})

t.test('what is wrong with the arguments is said, with exit code 2', async t => {
  for (const [args, words] of [
    [['nonsense'], "unknown command 'nonsense'"],
    [['log', '--sesion', 'complete'], 'Did you mean --session?'],
    [['log', '--session', 'over'], 'Allowed choices are complete, incomplete'],
    [['log', '--from', '2026-02-31'], 'a time that exists'],
    [['log', '--page', '0'], 'a whole number from 1'],
    [['log', '--per-page', '1001'], 'a whole number from 1 to 1000'],
    [['log', '--per-page', '2x'], 'a whole number from 1 to 1000'],
    [['log', '-d', 'mysql://root:secret@localhost/app'], 'takes a file: address without parameters or a postgresql: address'],
    [['migrate', '-d', 'impersonate.db'], 'takes a file: address without parameters or a postgresql: address'],
    [['log', '-d', 'file:./x.db?connection_limit=1'], 'takes a file: address without parameters'],
    [['sweep', '--idle-timeout', '0'], 'a number of seconds above 0'],
    [['sweep', '--abandoned-after', '1e300'], 'a number of seconds above 0 and up to 315576000'],
    [['end'], "missing required argument 'id'"],
    [['log', '-d', 'file:./x.db', '--prisma', './client.mjs'], 'exclude each other']
  ] as Array<[string[], string]>) {
    const { code, stdout, stderr } = await command(args)
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, words)
    t.match(stderr, 'Add --help')
    t.notMatch(stderr, 'secret')
  }
})

t.test('help is there for the whole and for each command, with exit code 0', async t => {
  t.match(await command(['--help']), { code: 0, stdout: /Exit codes: 0 done/ })
  t.match((await command(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/)
  for (const name of ['schema', 'migrate', 'log', 'sessions', 'end', 'sweep']) t.match(await command([name, '--help']), { code: 0, stdout: /Example/ }, name)
  t.match(await command([]), { code: 2, stderr: /Commands:/ })
})

t.test('sessions lists what is running, also what should have ended', async t => {
  const now = Date.now()
  const { where } = await withRows(t, [
    { id: 'a', ...open, sessionStartedAt: new Date(now - 60_000), expiresAt: new Date(now - 1) },
    { id: 'b', ...open, sessionStartedAt: new Date(now - 50_000), expiresAt: new Date(now + 100_000), impersonatorId: '7' },
    { id: 'c', ...open, sessionStartedAt: new Date(now - 40_000), impersonatingId: '8' },
    { id: 'd' }
  ])
  const { code, stdout } = await command(['sessions', ...where])
  t.equal(code, 0)
  t.match(stdout, /^ID .*\nc .* running {2}.*\nb .* running {2}.*\na .* overdue {2}.*\n3 running, to end one: fastify-impersonate end <id>\n$/)
  const ids = async (...args: string[]) => JSON.parse((await command(['sessions', '--json', ...args, ...where])).stdout).sessions.map(({ id }: { id: string }) => id)
  t.strictSame(await ids(), ['c', 'b', 'a'])
  t.strictSame(await ids('--impersonator', '7'), ['b'])
  t.strictSame(await ids('--impersonating', '8'), ['c'])
  t.match(await command(['sessions', '--impersonator', '9', ...where]), { code: 0, stdout: 'Nobody is being impersonated.\n' })
})

t.test('end revokes, and the running application knows it at once', async t => {
  const path = newFile(t)
  const app = await build(t, { databaseUrl: `file:${path}` })
  const sam = browser(app)
  await sam.signIn(2)
  const { impersonation: { id } } = (await sam.postJson('/impersonate/3/')).json()
  const { code, stdout } = await command(['end', id, '--by', 'ada', '-d', `file:${path}`])
  t.equal(code, 0)
  t.match(stdout, /^Ended as revoked at .*Z: sam \(2\) as Carl O'Brien \(3\)\n$/)
  t.match((await sam.getJson('/who')).json(), { statusCode: 409, endReason: 'revoked' })
  const ada = browser(app)
  await ada.signIn(1)
  const { endedBy } = (await ada.getJson(`/impersonate/log/${id}/`)).json()
  t.strictSame(endedBy, { id: 'command-line', name: `ada (${os.userInfo().username} on ${os.hostname()})` })
  t.match(await command(['end', id, '-d', `file:${path}`]), { code: 0, stdout: /^It had ended before: sam/ })
  t.match((await ada.getJson(`/impersonate/log/${id}/`)).json(), { endedBy }, 'who did it first')
})

t.test('end takes several, says which are not there, and does not revoke what ran out before', async t => {
  const { prisma, where } = await withRows(t, [{ id: 'a', ...open }, { id: 'b', ...open, expiresAt: new Date('2026-01-31T13:00:00Z') }])
  t.intercept(os, 'userInfo', { value: () => { throw new Error('no such account') } })
  t.match(await command(['end', 'a', 'x', 'b', ...where]), {
    code: 1, stdout: /^Ended as revoked .*\nEnded as expired at 2026-01-31T13:00:00Z: .*\n$/, stderr: 'error: There is no entry x in this log\n'
  })
  t.match(await prisma.impersonationLog.findMany({ orderBy: { id: 'asc' } }), [
    { endReason: 'revoked', openKey: null, endedById: 'command-line', endedByName: `an account without a name on ${os.hostname()}` },
    { endReason: 'expired', endedById: null, sessionEndedAt: new Date('2026-01-31T13:00:00Z') }
  ])
})

t.test('sweep closes what is past a limit, at the time of that limit', async t => {
  const now = Date.now()
  const { prisma, where } = await withRows(t, [
    { id: 'a', ...open, sessionStartedAt: new Date(now - 7_200_000), lastSeenAt: new Date(now - 3_600_000) },
    { id: 'b', ...open, sessionStartedAt: new Date(now - 90_000_000), lastSeenAt: new Date(now - 86_400_000) },
    { id: 'c', ...open, sessionStartedAt: new Date(now - 1000) }
  ])
  t.match(await command(['sweep', ...where], { isTTY: true }), { code: 0, stdout: 'Closed 1 that was over.\n', stderr: /^Sweeping …/ })
  t.match(await command(['sweep', ...where]), { code: 0, stdout: 'Nothing to close.\n', stderr: '' })
  t.match(await command(['sweep', '--idle-timeout', '0.5', ...where]), { code: 0, stdout: 'Closed 2 that were over.\n' })
  t.match(await prisma.impersonationLog.findMany({ orderBy: { id: 'asc' } }), [
    { endReason: 'idle', sessionEndedAt: new Date(now - 3_600_000 + 500) }, { endReason: 'abandoned', sessionEndedAt: new Date(now) }, { endReason: 'idle' }
  ])
})

t.test('migrate makes a log and says what it applied; then there is nothing to do', async t => {
  const path = newFile(t)
  const relative = ['-d', `file:./${basename(path)}`]
  const first = await command(['migrate', ...relative], { cwd: tmpdir(), isTTY: true })
  t.equal(first.code, 0)
  t.match(first.stdout, /^Applied 20261123000000_init\n([^]*Applied .*\n)?The log in .* is up to date\.\n$/)
  t.equal(first.stderr, 'Migrating …\r\u001b[2K')
  t.match(await command(['migrate', ...relative], { cwd: tmpdir() }), { code: 0, stdout: `The log in ${path} is up to date.\n`, stderr: '' })
  t.match(await command(['log', ...relative], { cwd: tmpdir() }), { code: 0, stdout: 'No entries.\n' })
})

t.test('the address may be in the environment', async t => {
  process.env['IMPERSONATE_DATABASE_URL'] = `file:${newFile(t)}`
  t.teardown(() => { delete process.env['IMPERSONATE_DATABASE_URL'] })
  t.equal((await command(['migrate'])).code, 0)
  t.match(await command(['log']), { code: 0, stdout: 'No entries.\n' })
})

t.test('a file that is not there is not made by looking into it', async t => {
  const path = newFile(t)
  for (let tries = 0; tries < 2; tries++) t.match(await command(['log', '-d', `file:${path}`]), { code: 1, stderr: `There is no file ${path}` })
})

t.test('a database without a log, with an older one, or that is none or does not answer, is said without a stack trace', async t => {
  const { prisma, where } = await withRows(t, [])
  await prisma.$executeRawUnsafe('ALTER TABLE "ImpersonationLog" RENAME COLUMN "reason" TO "ticket"')
  t.match(await command(['log', ...where]), { code: 1, stderr: 'The log in this database is of another version' })
  await prisma.$executeRawUnsafe('DROP TABLE "ImpersonationLog"')
  t.match(await command(['log', ...where]), { code: 1, stderr: 'This database has no log yet' })
  const path = newFile(t)
  writeFileSync(path, 'no database')
  t.match(await command(['migrate', '-d', `file:${path}`]), { code: 1, stderr: 'is no SQLite database' })
  const down = await command(['log', '-d', 'postgresql://admin:secret@127.0.0.1:1/none'])
  t.match(down, { code: 1, stderr: /^error: The log did not answer: .+\n$/ })
  t.notMatch(down.stderr, 'secret')
  t.notMatch(down.stderr, /\n +at /)
})

t.test('the log is read through a PrismaClient of the application\'s own', async t => {
  const path = newFile(t)
  const prisma = await openLog(t, path)
  await prisma.impersonationLog.create({ data: row({ id: 'mine' }) })
  const client = `
    import { PrismaLibSql } from '@prisma/adapter-libsql'
    import { PrismaClient } from '${new URL('../../dist/prisma/generated/sqlite/client.js', import.meta.url).href}'
    const client = new PrismaClient({ adapter: new PrismaLibSql({ url: 'file:${path}' }) })`
  const cwd = t.testdir({
    'named.mjs': `${client}\nexport { client as prisma }`,
    'default.mjs': `${client}\nexport default client`,
    'bare.mjs': 'export const prisma = { impersonationLog: {} }',
    'fake.mjs': `export const prisma = { $transaction () {}, impersonationLog: { ${['findUnique', 'create', 'updateMany', 'deleteMany', 'count'].map(name => `${name} () {}`)}, findMany () { throw 'no such thing' } } }`,
    'broken.mjs': 'throw new Error("no DATABASE_URL")',
    'client.mts2': ''
  })
  for (const file of ['named.mjs', 'default.mjs']) t.match(await command(['log', '--prisma', file], { cwd }), { code: 0, stdout: /\nmine / }, file)
  t.match(await command(['log', '--prisma', 'bare.mjs'], { cwd }), { code: 1, stderr: 'bare.mjs exports no PrismaClient that has impersonationLog' })
  t.match(await command(['log', '--prisma', 'fake.mjs'], { cwd }), { code: 1, stderr: 'error: The log did not answer: no such thing\n' })
  t.match(await command(['log', '--prisma', 'broken.mjs'], { cwd }), { code: 1, stderr: 'broken.mjs cannot be imported: no DATABASE_URL' })
  t.match(await command(['log', '--prisma', 'client.mts2'], { cwd }), { code: 1, stderr: 'this Node reads no TypeScript' })
})

t.test('as a process it has the exit code, and no trace of what it is made of', async t => {
  const path = newFile(t)
  t.match(await spawn(['migrate', '-d', `file:${path}`]), { code: 0, stdout: /is up to date/, stderr: '' })
  t.match(await spawn(['log', 'x', '-d', `file:${path}`]), { code: 1, stdout: '', stderr: 'error: There is no entry x in this log\n' })
  t.match(await spawn(['log', '--page', 'x']), { code: 2, stdout: '', stderr: /whole number/ })
})

t.test('a pipe that closes early is no failure', async t => {
  const { where } = await withRows(t, Array.from({ length: 1000 }, () => ({ userAgent: 'x'.repeat(500) })))
  t.match(await spawn(['log', '--json', '--per-page', '1000', ...where], { end: true }), { code: 0, stderr: '' })
})

t.test('a pipe that is closed early is no failure, anything else is', async t => {
  ignoreClosedPipe(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  t.throws(() => { ignoreClosedPipe(Object.assign(new Error('no space'), { code: 'ENOSPC' })) }, { code: 'ENOSPC' })
})
