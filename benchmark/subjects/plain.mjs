import { alternate, median, startProcess, times } from '../measure.mjs'

export const title = 'Nobody impersonating: requests with and without the plugin'

const CONNECTIONS = 50
const SETS = 3
/** A fraction of a second's requests, so that what else the machine does meets all sides alike. */
const AMOUNT = 5000

/** Three servers: without the plugin, with it, and without it again, which says how much two that are the same differ. */
export async function run ({ rounds, seconds }) {
  const autocannon = await import('autocannon').then(({ default: run }) => run, () => null)
  if (autocannon === null) return { skipped: ['autocannon, the load: not installed (npm ci --prefix benchmark)'] }
  const own = await compare(autocannon, 'own', rounds, seconds)
  const embedded = await compare(autocannon, 'embedded', rounds, seconds)
  return {
    results: [
      { what: 'Throughput with the plugin, to that without', measured: times(own.with), more: `${own.rates[1]} to ${own.rates[0]} requests a second`, goal: 'at least 0.97 ×' },
      { what: 'The same without it on both sides', measured: times(own.again), more: 'what the measurement can tell' },
      { what: 'Processor time of a request with the plugin, to that without', measured: times(own.cpu), more: 'less disturbed by what else the machine does' },
      { what: 'Throughput with the plugin and the embedded log, in an application that has no Prisma', measured: times(embedded.with), more: 'that Prisma and libsql are in the process at all' }
    ],
    notes: [`over HTTP, ${CONNECTIONS} connections; @fastify/session with its default store on both sides, a PrismaClient on both sides (but for the last line), and a sync look-up of the signed-in user`]
  }
}

async function compare (autocannon, log, rounds, seconds) {
  const all = { with: [], again: [], rates: [], cpu: [] }
  // A process may be a little quicker than another for its whole life: hence several sets of them.
  for (let set = 0; set < SETS; set++) {
    const servers = []
    for (const variant of ['without', 'with', 'without']) servers.push(await startProcess(process.execPath, 'servers/plain.mjs', [variant, log]))
    const cpu = servers.map(() => [])
    const load = ({ ready: { url, cookie }, ask }, index) => async () => {
      const before = await ask({})
      const started = performance.now()
      const { requests, errors, non2xx } = await autocannon({ url, connections: CONNECTIONS, amount: Math.ceil(AMOUNT * seconds), sampleInt: 10, headers: { cookie } })
      const taken = (performance.now() - started) / 1000
      if (errors + non2xx > 0) throw new Error(`${errors} errors and ${non2xx} wrong answers`)
      const after = await ask({})
      cpu[index].push((after.user + after.system - before.user - before.system) / requests.total)
      return requests.total / taken
    }
    const sides = servers.map(load)
    for (const side of sides) await side()
    for (const list of cpu) list.length = 0
    const { rates, ratioTo } = await alternate(2 * Math.ceil(rounds / SETS), ...sides)
    all.with.push(...ratioTo(1, 0), ...ratioTo(1, 2))
    all.again.push(...ratioTo(2, 0))
    all.rates.push(rates)
    all.cpu.push(...cpu[1].flatMap((spent, round) => [spent / cpu[0][round], spent / cpu[2][round]]))
    for (const server of servers) await server.end()
  }
  return { ...all, rates: [0, 1].map(index => Math.round(median(all.rates.map(rates => rates[index])))) }
}
