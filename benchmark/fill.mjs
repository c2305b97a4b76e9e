// Made up by the database itself, so that a million rows take seconds; the same ones every time.
import { allFakers, faker } from '@faker-js/faker'

/** A few names are frequent and most are rare, as anywhere; every tenth person has a name in another script. */
const OTHER_SCRIPTS = ['ru', 'el', 'ja', 'ar', 'he', 'zh_CN']

const random = (salt) => `((i * 2654435761 + ${salt}) % 4294967296) / 4294967296.0`
const pick = (kind, salt, count) => `(SELECT name FROM "Name" WHERE kind = '${kind}' AND n = CAST(floor(${count} * ${random(salt)} * ${random(salt)}) AS INTEGER))`

/** Fills a database with so many users and log rows. The first three users are a superuser, a member of staff and a customer. */
export async function fill (client, provider, { users, logs }) {
  const numbers = most => provider === 'sqlite'
    ? `WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < ${most})`
    : `WITH number (i) AS (SELECT generate_series(1::bigint, ${most}))`
  const run = async sql => await client.$executeRawUnsafe(sql)

  if (users > 0) {
    const kinds = names()
    await run('CREATE TABLE "Name" (kind TEXT, n INTEGER, name TEXT, PRIMARY KEY (kind, n))')
    for (const [kind, list] of Object.entries(kinds)) {
      await run(`INSERT INTO "Name" VALUES ${list.map((name, n) => `('${kind}', ${n}, '${name.replaceAll("'", "''")}')`).join(', ')}`)
    }
    const name = (kind, salt) => `CASE WHEN i % 10 = 0 THEN ${pick(`other_${kind}`, salt, kinds[`other_${kind}`].length)} ELSE ${pick(kind, salt, kinds[kind].length)} END`
    await run(`${numbers(users)}, person AS (SELECT i, ${name('first', 7)} AS first, ${name('last', 1234567)} AS last FROM number),
      named AS (SELECT i, first, last, CASE WHEN i % 10 = 0 THEN 'user' ELSE lower(first || '.' || last) END || '.' || i AS username FROM person)
      INSERT INTO "User" ("username", "firstName", "lastName", "email", "isStaff", "isSuperuser")
      SELECT username, first, last, username || CASE WHEN i % 3 = 0 THEN '@example.org' ELSE '@example.com' END, i <= 2, i = 1 FROM named ORDER BY i`)
    await run('DROP TABLE "Name"')
  }
  if (logs > 0) await fillLog(run, provider, numbers(logs), logs)
}

/** Two hundred impersonators, one of them with half of all; one in ten thousand rows is still open, the newest ones. */
async function fillLog (run, provider, numbers, logs) {
  const open = Math.max(1, Math.round(logs / 10_000))
  const time = seconds => provider === 'sqlite'
    ? `strftime('%Y-%m-%dT%H:%M:%f+00:00', 1700000000 + (${seconds}), 'unixepoch')`
    : `to_timestamp(1700000000 + (${seconds})) AT TIME ZONE 'UTC'`
  const key = prefix => `'${prefix}' || i`
  const isOpen = `i > ${logs - open}`
  await run(`${numbers}, made AS (SELECT i, CASE WHEN i % 2 = 0 THEN 2 ELSE 1000 + i % 199 END AS impersonator, 3 + i % 10000 AS impersonating FROM number)
    INSERT INTO "ImpersonationLog" ("id", "sessionKey", "openKey", "impersonatorId", "impersonatorName", "impersonatingId", "impersonatingName",
      "readOnly", "ipAddress", "userAgent", "sessionStartedAt", "lastSeenAt", "sessionEndedAt", "endReason", "endedById", "endedByName")
    SELECT '0190' || (1000000000 + i), ${key('key-')}, CASE WHEN ${isOpen} THEN ${key('open-')} END,
      CAST(impersonator AS TEXT), 'Person ' || impersonator, CAST(impersonating AS TEXT), 'Person ' || impersonating,
      false, '192.0.2.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', ${time('i * 30')}, ${time('i * 30 + 20')},
      CASE WHEN NOT (${isOpen}) THEN ${time('i * 30 + 25')} END, CASE WHEN NOT (${isOpen}) THEN 'stopped' END,
      CASE WHEN NOT (${isOpen}) THEN CAST(impersonator AS TEXT) END, CASE WHEN NOT (${isOpen}) THEN 'Person ' || impersonator END FROM made ORDER BY i`)
}

function names () {
  faker.seed(1)
  const of = (locales, kind) => [...new Set(locales.flatMap(locale => {
    const { male = [], female = [], generic = [] } = allFakers[locale].definitions.person?.[kind] ?? {}
    return faker.helpers.shuffle([...male, ...female, ...generic])
  }))]
  return {
    first: of(['en'], 'first_name'),
    last: of(['en'], 'last_name'),
    other_first: of(OTHER_SCRIPTS, 'first_name'),
    other_last: of(OTHER_SCRIPTS, 'last_name')
  }
}
