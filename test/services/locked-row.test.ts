import { PrismaPg } from '@prisma/adapter-pg'
import t, { type Test } from 'tap'
import { PrismaClient } from '../../dist/prisma/generated/postgresql/client.js'
import { browser, build } from '../kit/build.js'
import { needsPostgresql, newDatabase } from '../kit/postgres.js'

t.setTimeout(120_000)

const TIMEOUT = 1500

/** Another connection holds all rows of the log until it lets go. */
async function hold (t: Test, url: string): Promise<() => Promise<void>> {
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
  let letGo = () => {}
  const isFree = new Promise<void>(resolve => { letGo = resolve })
  let done: Promise<unknown> = Promise.resolve()
  await new Promise<void>((resolve, reject) => {
    done = client.$transaction(async held => {
      await held.$executeRaw`SELECT id FROM "ImpersonationLog" FOR UPDATE`
      resolve()
      await isFree
    }, { timeout: 60_000 })
    done.catch(reject)
  })
  const free = async () => {
    letGo()
    await done
    await client.$disconnect()
  }
  t.teardown(free)
  return free
}

async function took (work: () => Promise<{ statusCode: number }>) {
  const before = Date.now()
  const { statusCode } = await work()
  return { statusCode, milliseconds: Date.now() - before }
}

t.test('while another connection holds the row on PostgreSQL', await needsPostgresql(), async t => {
  for (const [what, before] of [
    ['a start that replaces it', async (sam: ReturnType<typeof browser>) => { sam.jar.delete('impersonation') }],
    ['a start after a stop that could not be recorded', async (sam: ReturnType<typeof browser>) => {
      t.equal((await sam.postJson('/impersonate/stop/')).statusCode, 200)
    }]
  ] as const) {
    t.test(`${what} answers 503 after one \`timeout\`, and leaves nothing open`, async t => {
      const url = await newDatabase(t)
      const app = await build(t, { databaseUrl: url, timeout: TIMEOUT })
      const sam = browser(app)
      await sam.signIn(2)
      t.equal((await sam.postJson('/impersonate/3/')).statusCode, 201)
      const free = await hold(t, url)
      await before(sam)
      const ada = browser(app)
      await ada.signIn(1)
      const others = await took(async () => await ada.postJson('/impersonate/3/'))
      t.equal(others.statusCode, 201, 'nobody else is in its way')
      t.ok(others.milliseconds < TIMEOUT * 0.6, `${others.milliseconds} ms`)
      const { statusCode, milliseconds } = await took(async () => await sam.postJson('/impersonate/4/'))
      t.equal(statusCode, 503)
      t.ok(milliseconds < TIMEOUT * 1.6, `${milliseconds} ms`)
      await free()
      const started = await sam.postJson('/impersonate/4/')
      t.equal(started.statusCode, 201, started.body)
      t.match((await sam.getJson('/who')).json(), { user: 4, impersonator: 2 })
      await app.close()
      const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
      t.teardown(async () => { await client.$disconnect() })
      t.equal(await client.impersonationLog.count({ where: { impersonatorId: '2', sessionEndedAt: null } }), 1)
    })
  }
})
