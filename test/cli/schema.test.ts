import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { command } from '../kit/terminal.js'

const bundled = readFileSync(new URL('../../prisma/impersonation-log.prisma', import.meta.url), 'utf8')
const datasource = (provider: string) => `datasource db {\n  // where rows are\n  provider = "${provider}"\n}\n`
const MODEL = 'prisma/schema/impersonation-log.prisma'

t.test('schema writes the model into the folder that prisma.config.ts names', async t => {
  const cwd = t.testdir({
    'prisma.config.ts': 'const folder: string = "db/models"\nexport default { schema: folder }\n',
    db: { models: { 'schema.prisma': datasource('postgresql') } }
  })
  const { code, stdout } = await command(['schema'], { cwd })
  t.equal(code, 0)
  t.equal(readFileSync(join(cwd, 'db/models/impersonation-log.prisma'), 'utf8'), bundled)
  t.match(stdout, /^Wrote db\/models\/impersonation-log\.prisma\.\n\n/)
  for (const step of ['npx prisma migrate dev --name impersonation-log\n', 'npx prisma generate\n', 'npx prisma migrate deploy\n']) t.match(stdout, step)
  t.notMatch(stdout, 'utf8mb4_bin')
})

t.test('schema writes the model into the folder that package.json names', async t => {
  const cwd = t.testdir({ 'package.json': '{ "prisma": { "schema": "./models" } }', models: { 'schema.prisma': datasource('postgres') } })
  t.equal((await command(['schema'], { cwd })).code, 0)
  t.equal(readFileSync(join(cwd, 'models/impersonation-log.prisma'), 'utf8'), bundled)
})

t.test('a config and a package.json that name no schema leave Prisma\'s convention', async t => {
  const cwd = t.testdir({ 'prisma.config.mjs': 'export default {}', 'package.json': '{}', prisma: { schema: { 'schema.prisma': datasource('sqlite') } } })
  t.match(await command(['schema'], { cwd }), { code: 0, stdout: `Wrote ${MODEL}` })
})

t.test('schema writes into the folder it is told', async t => {
  const cwd = t.testdir({ 'prisma.config.ts': 'throw new Error("not needed")', models: { deep: { 'schema.prisma': datasource('sqlite') } } })
  t.match(await command(['schema', '--schema', 'models'], { cwd }), { code: 0, stdout: 'Wrote models/impersonation-log.prisma' })
})

t.test('a config that cannot be read is said, with the way around it', async t => {
  const cwd = t.testdir({ 'prisma.config.ts': 'throw new Error("DATABASE_URL is missing")' })
  t.match(await command(['schema'], { cwd }), { code: 1, stderr: /prisma\.config\.ts cannot be read: .*DATABASE_URL is missing.*--schema <folder>\n$/ })
})

t.test('a config where Prisma is not installed is said', async t => {
  const cwd = mkdtempSync(join(tmpdir(), 'impersonate-'))
  t.teardown(() => { rmSync(cwd, { recursive: true }) })
  writeFileSync(join(cwd, 'prisma.config.ts'), '')
  t.match(await command(['schema'], { cwd }), { code: 1, stderr: 'npm install -D prisma' })
})

t.test('on MySQL and MariaDB every text is as long as what the plugin writes', async t => {
  const cwd = t.testdir({ prisma: { schema: { 'schema.prisma': datasource('mysql') } } })
  const { stdout } = await command(['schema'], { cwd })
  const model = readFileSync(join(cwd, MODEL), 'utf8')
  for (const line of [/ sessionKey +String +@unique @db\.VarChar\(43\)\n/, / reason +String\? @db\.VarChar\(1000\)\n/, / impersonatorName +String\n/, / sessionStartedAt +DateTime\n/, / permitId +String\? @db\.VarChar\(36\)\n/, / body +String @db\.LongText\n/, / personal +String\? @db\.Text\n/]) t.match(model, line)
  t.match(stdout, 'COLLATE utf8mb4_bin')
  t.equal((await command(['schema', '--print'], { cwd })).stdout, model)
})

t.test('schema prints the model for a provider, wherever that is', async t => {
  t.match(await command(['schema', '--print', '--provider', 'sqlite'], { cwd: '/nowhere' }), { code: 0, stdout: bundled })
})

t.test('schema adds what an older model lacks, and keeps what is the application\'s own', async t => {
  const older = `${datasource('postgresql')}
model User {
  id Int @id
  reason Int
}

/// Our audit table
model ImpersonationLog {
  id                String    @id @map("_id") @db.Uuid
  sessionKey        String    @unique
  // the sign-in
  openKey String? @unique
  impersonatorId    String
  impersonatorName  String
  impersonatingId   String
  impersonatingName String
  ticket            String?
  sessionStartedAt  DateTime
  expiresAt         DateTime?
  lastSeenAt        DateTime
  sessionEndedAt    DateTime?
  endReason         String?

  @@index(fields: [sessionStartedAt,  id], map: "by_time")
  @@map("impersonation_log")
}

enum Colour {
  red
}
`
  const cwd = t.testdir({ prisma: { schema: { 'all.prisma': older } } })
  const file = join(cwd, 'prisma/schema/all.prisma')
  const check = await command(['schema', '--check'], { cwd })
  t.match(check, { code: 1, stderr: 'prisma/schema/all.prisma is not up to date' })
  t.equal(readFileSync(file, 'utf8'), older)

  const { code, stdout } = await command(['schema'], { cwd })
  t.equal(code, 0)
  t.match(stdout, /^Updated prisma\/schema\/all\.prisma\.[^]*--name impersonation-log-update\n/)
  t.match(stdout, /--create-only[^]*UPDATE "ImpersonationLog" SET[^]*GREATEST/, 'what the rows need')
  const updated = readFileSync(file, 'utf8')
  const others = bundled.slice(bundled.indexOf('/// One event'))
  t.ok(updated.endsWith(`\n}\n\n${others}`), 'the other models follow')
  const added = updated.slice(0, -others.length).split('\n').filter(line => !older.split('\n').includes(line))
  t.strictSame(added.filter(line => line !== '' && !line.includes('//')).map(line => line.trim().split(/\s+/).slice(0, 2).join(' ')), [
    'impersonatorDetail String?', 'impersonatingDetail String?', 'reason String?', 'readOnly Boolean', 'ipAddress String?', 'userAgent String?', 'returnTo String?',
    'endedById String?', 'endedByName String?', 'reportedAt DateTime?', 'writeUntil DateTime?', 'permitId String?',
    '@@index([impersonatorId, sessionStartedAt,', '@@index([impersonatingId, sessionStartedAt,', '@@index([sessionEndedAt, impersonatorId,', '@@index([permitId])', '@@index([reportedAt, sessionEndedAt])'
  ])
  t.match(updated, /ticket .*\n {2}sessionStartedAt/, 'what is new stands beside what came before it')
  t.strictSame(older.split('\n').filter(line => !updated.split('\n').includes(line)), [], 'nothing is gone')
  t.notOk(existsSync(join(cwd, MODEL)))
  t.match(await command(['schema'], { cwd }), { code: 0, stdout: 'is up to date' })
  t.match(await command(['schema', '--check'], { cwd }), { code: 0, stdout: 'is up to date' })
})

t.test('schema lengthens the texts of a model that was pasted into a MySQL schema, but not those with a type of their own', async t => {
  const pasted = bundled.replace(/ reason .*/, ' reason String? @db.Text')
  const cwd = t.testdir({ prisma: { schema: { 'schema.prisma': datasource('mysql'), 'impersonation-log.prisma': pasted } } })
  t.equal((await command(['schema'], { cwd })).code, 0)
  const model = readFileSync(join(cwd, MODEL), 'utf8')
  t.match(model, / userAgent +String\? @db\.VarChar\(512\)\n/)
  t.match(model, ' reason String? @db.Text\n')
})

t.test('a missing model fails a check', async t => {
  const cwd = t.testdir({ prisma: { schema: { 'schema.prisma': datasource('sqlite') } } })
  t.match(await command(['schema', '--check'], { cwd }), { code: 1, stderr: `${MODEL} is missing` })
  t.notOk(existsSync(join(cwd, MODEL)))
})

t.test('a field of another type is refused', async t => {
  const cwd = t.testdir({ prisma: { schema: { 'schema.prisma': datasource('sqlite'), 'impersonation-log.prisma': bundled.replace(/reason +String\?/, 'reason Int?') } } })
  t.match(await command(['schema'], { cwd }), { code: 1, stderr: 'has reason as Int?, where the plugin needs String?' })
})

t.test('a schema in a single file is refused, with both ways on', async t => {
  const cwd = t.testdir({ prisma: { 'schema.prisma': datasource('sqlite') } })
  const { code, stderr } = await command(['schema'], { cwd })
  t.equal(code, 1)
  t.match(stderr, 'is a single file')
  t.match(stderr, "schema: 'prisma/schema'")
  t.match(stderr, 'fastify-impersonate schema --print')
  t.equal((await command(['schema', '--print'], { cwd })).stdout, bundled)
})

t.test('no schema, one that is not where it should be, and one for another database are refused', async t => {
  t.match(await command(['schema'], { cwd: t.testdir({}) }), { code: 1, stderr: 'There is no Prisma schema here' })
  t.match(await command(['schema', '--schema', 'elsewhere'], { cwd: t.testdir({}) }), { code: 1, stderr: /--schema says .*elsewhere, where nothing is/ })
  const mongo = { prisma: { schema: { 'schema.prisma': datasource('mongodb') } } }
  t.match(await command(['schema'], { cwd: t.testdir(mongo) }), { code: 1, stderr: 'The schema is for mongodb' })
  const none = { prisma: { schema: { 'schema.prisma': '// datasource db {\n' } } }
  t.match(await command(['schema'], { cwd: t.testdir(none) }), { code: 1, stderr: 'say which with --provider' })
  t.match(await command(['schema', '--provider', 'mysql'], { cwd: t.testdir(none) }), { code: 0 })
})

t.test('schema puts a model that is missing beside the others, and each that is there is updated where it is', async t => {
  const [log = '', event = '', permit = ''] = bundled.split(/(?<=^}\n)\n/m)
  const own = permit.replace(/ {2}reason .*\n/, '').replace('}', '\n  @@map("permits")\n}')
  const cwd = t.testdir({ prisma: { schema: { 'schema.prisma': datasource('postgresql'), 'log.prisma': log, 'permits.prisma': own } } })
  t.match(await command(['schema', '--check'], { cwd }), { code: 1, stderr: /log\.prisma is not up to date, .*permits\.prisma is not up to date/ })
  t.match(await command(['schema'], { cwd }), { code: 0, stdout: /^Updated prisma\/schema\/log\.prisma\.\nUpdated prisma\/schema\/permits\.prisma\.\n\nNext[^]*--name impersonation-log-update/ })
  t.equal(readFileSync(join(cwd, 'prisma/schema/log.prisma'), 'utf8'), `${log}\n${event}`)
  t.match(readFileSync(join(cwd, 'prisma/schema/permits.prisma'), 'utf8'), /readOnly +Boolean\n {2}reason +String\?\n[^]*@@map\("permits"\)/)
  t.match(await command(['schema'], { cwd }), { code: 0, stdout: 'up to date' })
})

t.test('a file of that name with something else in it keeps that', async t => {
  const cwd = t.testdir({ prisma: { schema: { 'schema.prisma': datasource('sqlite'), 'impersonation-log.prisma': '// ours\n' } } })
  t.equal((await command(['schema'], { cwd })).code, 0)
  t.equal(readFileSync(join(cwd, MODEL), 'utf8'), `// ours\n\n${bundled}`)
})

t.test('a field of another type in any of the models is refused', async t => {
  const cwd = t.testdir({ prisma: { schema: { 'schema.prisma': datasource('sqlite'), 'impersonation-log.prisma': bundled.replace('seq             BigInt', 'seq             Int') } } })
  t.match(await command(['schema'], { cwd }), { code: 1, stderr: 'Your ImpersonationEvent has seq as Int, where the plugin needs BigInt' })
})
