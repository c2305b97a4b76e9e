import { readFileSync } from 'node:fs'
import { createApp, jarOf } from '../app.mjs'
import { connectPostgresql, openPostgresql, openSqlite, postgresqlVersion } from '../database.mjs'
import { inFolder, median, ms, quantile, round, timed } from '../measure.mjs'

export const title = 'List and search'

/** The statements of the page on performance. */
const [, SEARCH_INDEX] = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8').match(/```sql\n([^]*?)```/)
const [EXTENSION, INDEX] = SEARCH_INDEX.replace(/^--.*$/gm, '').split(';').map(statement => statement.trim())

/** Every query is of real data, spread over all of it. */
async function queriesOf (prisma, users) {
  const sample = []
  for (let n = 1; n <= 40; n++) sample.push(await prisma.user.findFirstOrThrow({ where: { id: { gte: Math.max(1, Math.floor(users * n / 41)) } }, orderBy: { id: 'asc' } }))
  const others = sample.map(({ id }) => id - id % 10 + 10).filter(id => id <= users)
  const foreign = await prisma.user.findMany({ where: { id: { in: others } } })
  const within = text => text.slice(Math.max(0, Math.floor(text.length / 2) - 2)).slice(0, 3)
  return {
    'one person': sample.map(({ username }) => username),
    'a last name': sample.map(({ lastName }) => lastName).filter(isLong),
    'a first name': sample.map(({ firstName }) => firstName).filter(isLong),
    'three letters of a name': sample.map(({ lastName }) => within(lastName)).filter(isLong),
    everybody: ['example', 'exa', '@example', '.com', 'user'],
    nobody: ['qqqzzz', 'xyzzyx', 'nobodyatall', 'zzzz', 'qxjq'],
    'three words': sample.map(({ firstName, lastName, email }) => `${firstName} ${lastName} ${email.split('@')[1]}`),
    'another script': foreign.flatMap(({ firstName, lastName }) => [firstName, lastName]).filter(isLong)
  }
}

const isLong = text => [...text].length >= 3

export async function run ({ users }) {
  const results = []
  const notes = []
  const skipped = []
  const tables = []
  if (await postgresqlVersion() === null) skipped.push('PostgreSQL: none answers (BENCH_POSTGRES_URL)')
  else await onPostgresql()
  await inFolder(onSqlite)
  return { results, tables, notes, skipped }

  async function onPostgresql () {
    const { client: prisma, url, drop } = await openPostgresql({ users })
    try {
      const inserting = await insertTime(prisma)
      await prisma.$executeRawUnsafe(EXTENSION)
      // As the page on performance advises; connections that are open already do not have it.
      await prisma.$executeRawUnsafe(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET random_page_cost = 1.1`)
      const [building] = await timed(1, async () => { await prisma.$executeRawUnsafe(INDEX) }, 0)
      await prisma.$executeRawUnsafe('VACUUM ANALYZE "User"')
      const [{ size, table }] = await prisma.$queryRawUnsafe('SELECT pg_size_pretty(pg_relation_size(\'"User_search_idx"\')) AS size, pg_size_pretty(pg_table_size(\'"User"\')) AS table')
      const insertingMore = await insertTime(prisma)
      notes.push(`the trigram index of ${users.toLocaleString('en')} users takes ${round(building / 1000, 1)} s to build and ${size} beside a table of ${table}; inserting 1,000 users takes ${ms(insertingMore)} with it and ${ms(inserting)} without`)
      await prisma.$executeRawUnsafe('VACUUM ANALYZE "User"')

      const tuned = connectPostgresql(url)
      const person = await personAt(tuned)
      const rows = await measureQueries(person, await queriesOf(prisma, users))
      tables.push({ head: ['PostgreSQL', 'queries', 'median', 'p95', 'slowest'], rows: rows.map(({ row }) => row) })
      const all = rows.flatMap(({ taken }) => taken)
      const worst = Math.max(...rows.map(({ taken }) => quantile(taken, 0.95)))
      results.push({ what: `PostgreSQL, ${users.toLocaleString('en')} users: any search of three letters or more, p95`, measured: ms(quantile(all, 0.95)), more: `p95 of the slowest kind of query ${ms(worst)}`, goal: 'under 25 ms' })
      await measurePages('PostgreSQL', prisma, person)
      await person.close()
      await tuned.$disconnect()
      notes.push(...await plansOf(prisma, url))
    } finally {
      await drop()
    }
  }

  async function onSqlite (folder) {
    const prisma = await openSqlite(`${folder}/users.db`, { users })
    const person = await personAt(prisma)
    const queries = await queriesOf(prisma, users)
    const scanOf = async word => median(await timed(5, async () => {
      const like = `'%${word.replaceAll("'", "''")}%'`
      await prisma.$queryRawUnsafe(`SELECT count(*) FROM "User" WHERE "username" LIKE ${like} OR "firstName" LIKE ${like} OR "lastName" LIKE ${like} OR "email" LIKE ${like}`)
    }))
    const rows = await measureQueries(person, Object.fromEntries(Object.entries(queries).map(([kind, list]) => [kind, list.slice(0, 5)])),
      // What is quick is asked often enough for a p95 that is not its slowest.
      kind => kind === 'everybody' ? 40 : 3)
    tables.push({ head: ['SQLite', 'queries', 'median', 'p95', 'slowest'], rows: rows.map(({ row }) => row) })
    const of = kind => rows.find(row => row.kind === kind).taken
    results.push({ what: `SQLite, ${users.toLocaleString('en')} users: a word that many have, p95`, measured: ms(quantile(of('everybody'), 0.95)), goal: 'under 5 ms' })
    for (const [what, words] of [['one person\'s name', queries['one person']], ['a word that nobody has', queries.nobody]]) {
      // Each word against its own scan: what LIKE costs depends on the word.
      const pairs = []
      for (const word of words.slice(0, 5)) {
        const scan = await scanOf(word)
        pairs.push([median(await timed(5, () => ask(person, searchFor(word)))), scan])
      }
      const [taken, scan] = [0, 1].map(side => median(pairs.map(pair => pair[side])))
      results.push({ what: `SQLite: ${what}, to one scan`, measured: `${round(median(pairs.map(([taken, scan]) => taken / scan)))} ×`, more: `${ms(taken)} to ${ms(scan)}`, goal: 'at most one scan' })
    }
    await measurePages('SQLite', prisma, person)
    await person.close()
  }

  async function measurePages (name, prisma, person) {
    const first = '/impersonate/list/'
    const { page } = (await person.send('GET', first)).json()
    const deepest = await deepestOf(prisma, page.next)
    const [atFirst, atLast] = [await timed(60, () => ask(person, first)), await timed(page.next.includes('after=') ? 60 : 10, () => ask(person, deepest))]
    results.push(
      { what: `${name}: the list's first page, p95`, measured: ms(quantile(atFirst, 0.95)), ...(name === 'SQLite' ? { goal: 'under 5 ms' } : {}) },
      { what: `${name}: the list's deepest page by its links, to the first`, measured: `${round(median(atLast) / median(atFirst))} ×`, more: `${ms(median(atLast))} to ${ms(median(atFirst))}`, goal: 'within 2 ×' })
  }

  /** The address that the links have led to at the very end: that of the first link, with where it goes moved on. */
  async function deepestOf (prisma, next) {
    const [beforeLast] = await prisma.user.findMany({ orderBy: { id: 'desc' }, skip: 10, take: 1 })
    return next.replace(/after=\d+/, `after=${beforeLast.id}`).replace(/page=\d+/, `page=${Math.ceil(users / 20)}`)
  }
}

async function insertTime (prisma) {
  const more = tag => Array.from({ length: 1000 }, (unused, n) => ({ username: `${tag}.${n}`, firstName: 'Quentin', lastName: `Newcomer ${n}`, email: `${tag}.${n}@example.net` }))
  return median(await timed(3, async time => {
    await prisma.user.createMany({ data: more(`new.${time}.${Math.random()}`) })
  }, 1))
}

async function personAt (prisma) {
  const app = await createApp({ prisma })
  const person = jarOf(app)
  await person.send('POST', '/sign-in/1')
  return { ...person, close: async () => { await app.close() } }
}

const searchFor = query => `/impersonate/search/?q=${encodeURIComponent(query)}`

async function ask (person, url) {
  const response = await person.send('GET', url)
  if (response.statusCode !== 200) throw new Error(`${url} was answered ${response.statusCode}`)
  return response.json()
}

async function measureQueries (person, kinds, timesOf = () => 3) {
  const rows = []
  for (const [kind, queries] of Object.entries(kinds)) {
    if (queries.length === 0) continue
    const addresses = queries.map(searchFor)
    for (const address of addresses.slice(0, 5)) await ask(person, address)
    const each = []
    const times = timesOf(kind)
    for (const address of addresses) each.push(...await timed(times, () => ask(person, address), 0))
    rows.push({ kind, taken: each, row: [kind, queries.length, ms(median(each)), ms(quantile(each, 0.95)), ms(Math.max(...each))] })
  }
  return rows
}

/** Whether the very statements that Prisma sends use the index. */
async function plansOf (prisma, url) {
  const logging = connectPostgresql(url, { log: [{ emit: 'event', level: 'query' }] })
  const statements = []
  logging.$on('query', ({ query, params }) => { statements.push({ query, params: JSON.parse(params) }) })
  const person = await personAt(logging)
  const plans = []
  const [{ username }] = await prisma.user.findMany({ take: 1, skip: 1000 })
  for (const [what, word] of [['one person', username], ['nobody', 'qqqzzz'], ['everybody', 'example']]) {
    statements.length = 0
    await ask(person, searchFor(word))
    for (const { query, params } of statements.filter(({ query }) => query.includes('ILIKE'))) {
      const lines = await prisma.$queryRawUnsafe(`EXPLAIN ${query}`, ...params)
      const plan = lines.map(line => line['QUERY PLAN']).join('\n')
      plans.push(`EXPLAIN, ${what}, ${/COUNT/i.test(query) ? 'the count' : 'the page'}: ${plan.includes('User_search_idx') ? 'the trigram index' : /Index Scan using "?User_pkey/.test(plan) ? 'the primary key, in order, until there is enough' : 'a scan'}`)
    }
  }
  await person.close()
  await logging.$disconnect()
  return plans
}
