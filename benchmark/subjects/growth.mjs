import { createApp, jarOf } from '../app.mjs'
import { openPostgresql, openSqlite, postgresqlVersion } from '../database.mjs'
import { inFolder, median, ms, round, timed } from '../measure.mjs'

export const title = 'Growth: what a request costs as users and log grow'

const TIMES = 100

/** Half of the log is of user 2, see fill.mjs. */
const BY_USERS = {
  'a request, signed in': async ({ staff }) => { await staff.get('/who') },
  'an impersonated request': async ({ impersonating }) => { await impersonating.get('/who') },
  'a start and a stop': startAndStop,
  'the list': async ({ staff }) => { await staff.get('/impersonate/list/') }
}
const BY_LOGS = {
  'an impersonated request': async ({ impersonating }) => { await impersonating.get('/who') },
  'a start and a stop': startAndStop,
  'a start, ended by a superuser': async ({ staff, boss }) => {
    const { impersonation } = await staff.post('/impersonate/3/', 201)
    await boss.post(`/impersonate/sessions/${impersonation.id}/end/`, 200)
    await staff.post('/impersonate/stop/', 200)
  },
  'the log': async ({ boss }) => { await boss.get('/impersonate/log/') },
  'the log of the busiest impersonator': async ({ boss }) => { await boss.get('/impersonate/log/?impersonator=2') },
  'the log of another impersonator': async ({ boss }) => { await boss.get('/impersonate/log/?impersonator=1001') },
  'the log of one target': async ({ boss }) => { await boss.get('/impersonate/log/?impersonating=4') },
  'the log of both': async ({ boss }) => { await boss.get('/impersonate/log/?impersonator=2&impersonating=5') },
  'the open ones in the log': async ({ boss }) => { await boss.get('/impersonate/log/?session=incomplete') },
  'the busiest impersonator\'s open ones': async ({ boss }) => { await boss.get('/impersonate/log/?session=incomplete&impersonator=2') },
  'one day of the log': async ({ boss }) => { await boss.get('/impersonate/log/?from=2023-11-15&to=2023-11-16') },
  'live sessions': async ({ boss }) => { await boss.get('/impersonate/sessions/') },
  'a sweep that finds nothing': async ({ app }) => { await app.impersonate.sweep() }
}

async function startAndStop ({ staff }) {
  await staff.post('/impersonate/3/', 201)
  await staff.post('/impersonate/stop/', 200)
}

export async function run ({ users, logs }) {
  const skipped = []
  const tables = []
  const results = []
  for (const [name, open] of Object.entries({ PostgreSQL: withPostgresql, SQLite: withSqlite })) {
    if (name === 'PostgreSQL' && await postgresqlVersion() === null) {
      skipped.push('PostgreSQL: none answers (BENCH_POSTGRES_URL)')
      continue
    }
    for (const [what, sizes, works] of [
      ['users', [3, 1000, users], BY_USERS],
      ['log rows', [10, 10_000, logs], BY_LOGS]
    ]) {
      const columns = []
      for (const size of sizes) columns.push(await open(what === 'users' ? { users: size } : { users: 20_000, logs: size }, prisma => costsOf(prisma, works)))
      const rows = Object.keys(works).map(work => [work, ...columns.map(costs => ms(costs[work])), `${round(columns.at(-1)[work] / columns[0][work], 1)} ×`])
      tables.push({ head: [`${name}, by ${what}`, ...sizes.map(size => size.toLocaleString('en')), 'largest to smallest'], rows })
      const [work, factor] = Object.keys(works).map(work => [work, columns.at(-1)[work] / columns[0][work]]).sort((a, b) => b[1] - a[1])[0]
      results.push({ what: `${name}, ${sizes[0]} to ${sizes.at(-1).toLocaleString('en')} ${what}: what grows most`, measured: `${round(factor, 1)} ×`, more: work, goal: 'flat or logarithmic' })
    }
  }
  return { results, tables, skipped, notes: [`medians of ${TIMES} requests, without a socket; half of the log is one impersonator's, one row in 10,000 is open`] }
}

async function withPostgresql (size, work) {
  const { client, drop } = await openPostgresql(size)
  try {
    return await work(client)
  } finally {
    await drop()
  }
}

async function withSqlite (size, work) {
  return await inFolder(async folder => await work(await openSqlite(`${folder}/application.db`, size)))
}

async function costsOf (prisma, works) {
  // Open rows that nobody uses stay open here: they are what lists and sweeps have to look through.
  const app = await createApp({ prisma, abandonedAfter: 10 * 365 * 86_400 })
  const person = async id => {
    const jar = jarOf(app)
    await jar.send('POST', `/sign-in/${id}`)
    const ask = async (method, url, wanted) => {
      const response = await jar.send(method, url)
      if (response.statusCode !== wanted) throw new Error(`${method} ${url} was answered ${response.statusCode}`)
      return response.json()
    }
    return { get: async url => await ask('GET', url, 200), post: async (url, wanted) => await ask('POST', url, wanted) }
  }
  const people = { app, boss: await person(1), staff: await person(2), impersonating: await person(2) }
  await people.impersonating.post('/impersonate/3/', 201)
  const costs = {}
  for (const [name, work] of Object.entries(works)) costs[name] = median(await timed(TIMES, async () => { await work(people) }))
  await app.close()
  return costs
}
