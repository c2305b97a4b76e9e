import { alternate, inFolder, ms, startProcess, times } from '../measure.mjs'

export const title = 'Impersonated requests, and starts and stops, on SQLite'

const WIDTH = 50

/**
 * Every contender is a process of its own that is told what to do, so many times and so many at once, and answers without a
 * socket: the whole way of a request through its framework. Django does one after the other, as its workers do.
 */
export async function run ({ users, seconds, rounds, python }) {
  return await inFolder(async folder => {
    const start = async (command, file, ...args) => await startProcess(command, `contenders/${file}`, [`${folder}/${file}-${args.join('-')}.db`, users, ...args])
    const ours = await start(process.execPath, 'fastify-impersonate.mjs')
    const results = []
    const skipped = []

    async function against (name, peer, works) {
      for (const [work, what, least] of works) {
        for (const width of [1, WIDTH]) {
          const side = async contender => await sideOf(contender, work, width, seconds)
          const { rates: [mine, theirs], ratioTo } = await alternate(rounds, await side(ours), await side(peer))
          const manner = width === 1 ? 'one at a time' : `${width} at a time`
          results.push({ what: `${what}, ${manner}, to ${name}`, measured: times(ratioTo(0, 1)), more: `${ms(1000 / mine)} to ${ms(1000 / theirs)} each`, goal: least && `at least ${least} ×` })
        }
      }
      await peer.end()
    }

    const betterAuth = await start(process.execPath, 'better-auth.mjs').catch(() => null)
    if (betterAuth === null) skipped.push('better-auth: not installed (npm ci --prefix benchmark)')
    else await against('better-auth\'s getSession', betterAuth, [['request', 'Requests', 3]])

    const django = await start(python, 'django_impersonate.py', 'DELETE', 'db').catch(() => null)
    if (django === null) {
      skipped.push('django-impersonate: not installed (apt install python3-django-impersonate)')
    } else {
      await against('django-impersonate\'s middleware', django, [['request', 'Requests', 3], ['pair', 'A start and a stop', 4]])
      await against('the same with Django at its best', await start(python, 'django_impersonate.py', 'WAL', 'cache'), [['request', 'Requests'], ['pair', 'A start and a stop']])
    }
    await ours.end()
    return {
      results,
      skipped,
      notes: [
        `${users.toLocaleString('en')} users in each file; the sign-in is in memory here (@fastify/session's default store) and in the database of the peers, as they come`,
        'Django at its best: its file in WAL mode, and its sessions in memory',
        'every commit is on the disk before it is answered (synchronous = FULL on all sides); the journal is as each of them comes: WAL here, a rollback journal in Django'
      ]
    }
  })
}

/** How to do as many as take so many seconds, and the rate. */
async function sideOf (contender, work, width, seconds) {
  await contender.ask({ do: work, times: 300, width })
  const { seconds: taken } = await contender.ask({ do: work, times: 100, width })
  const count = Math.max(width, Math.round(100 * seconds / taken))
  return async () => count / (await contender.ask({ do: work, times: count, width })).seconds
}
