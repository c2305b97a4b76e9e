// What the banner costs an answer, beside the same application without it: node benchmark/banner.mjs
import { Agent, get } from 'node:http'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import impersonate, { memoryUsers } from '../dist/index.js'

const head = `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Orders</title>\n${'<link rel="preload" href="/a.js">\n'.repeat(20)}<script>${'const a = "<body>"; '.repeat(100)}</script>\n</head>\n<body class="orders">\n`
const pageOf = row => Buffer.from(`${head}<table>\n${row.repeat(Math.ceil((100_000 - Buffer.byteLength(head)) / Buffer.byteLength(row)))}</table>\n</body>\n</html>\n`)
const bytes = pageOf('<tr><td>4711</td><td>Zürich</td><td>12.50</td></tr>\n')
const page = bytes.toString()
const japanese = pageOf('<tr><td>4711</td><td>東京</td><td>12.50</td></tr>\n').toString()
const chunks = Array.from({ length: Math.ceil(bytes.length / 16_384) }, (_, index) => bytes.subarray(index * 16_384, (index + 1) * 16_384))

async function createApp (banner) {
  const app = Fastify()
  await app.register(cookie)
  await app.register(session, { secret: 'a secret of at least thirty-two characters', cookie: { secure: 'auto' }, saveUninitialized: false, rolling: false })
  // Without a log, so that a database's time is not in the way.
  await app.register(impersonate, { banner, disableLogging: true, maxDuration: 3600, users: memoryUsers([{ id: 1, isStaff: true, isSuperuser: false }, { id: 2, isSuperuser: false }]) })
  app.post('/sign-in', async request => { request.session.set('userId', 1); return {} })
  app.get('/json', async () => ({ orders: 3 }))
  app.get('/text', async (request, reply) => reply.type('text/html; charset=utf-8').send(page))
  app.get('/japanese', async (request, reply) => reply.type('text/html; charset=utf-8').send(japanese))
  app.get('/bytes', async (request, reply) => reply.type('text/html; charset=utf-8').send(bytes))
  app.get('/stream', async (request, reply) => reply.type('text/html; charset=utf-8').send(Readable.from(chunks)))
  const plain = await app.inject({ method: 'POST', url: '/sign-in' })
  const jar = response => response.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ')
  const signedIn = jar(plain)
  const started = await app.inject({ method: 'POST', url: '/impersonate/2/', headers: { cookie: signedIn, accept: 'application/json' } })
  if (started.statusCode !== 201) throw new Error(`The start failed: ${started.body}`)
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    ask: async (url, headers) => await new Promise((resolve, reject) => {
      get(origin + url, { agent, headers }, response => {
        let length = 0
        response.on('data', chunk => { length += chunk.length }).on('end', () => { resolve(length) })
      }).on('error', reject)
    }),
    cookie: jar(started) || signedIn,
    async close () {
      agent.destroy()
      await app.close()
    }
  }
}

/** Milliseconds a request takes: the median of many, in turns, so that what else the machine does meets both alike. */
async function compare (sides, url, asNobody, times) {
  const took = sides.map(() => [])
  for (let turn = -times / 5; turn < times; turn++) {
    const lengths = []
    for (const [side, { ask, cookie }] of sides.entries()) {
      const start = performance.now()
      lengths.push(await ask(url, asNobody ? {} : { cookie }))
      if (turn >= 0) took[side].push(performance.now() - start)
    }
    const hasBanner = !asNobody && url !== '/json'
    if ((lengths[1] > lengths[0]) !== hasBanner) throw new Error(`${url} is not what it should be`)
  }
  return took.map(all => all.sort((a, b) => a - b)[Math.floor(all.length / 2)])
}

/** Rows of a table: `{ answer, without, with, cost }`, in milliseconds. */
export async function measureBanner ({ times = 2000 } = {}) {
  const sides = [await createApp(false), await createApp(true)]
  try {
    const rows = []
    for (const [answer, url, asNobody] of [
      ['JSON, nobody impersonates', '/json', true], ['JSON while impersonating', '/json', false], ['100 kB of HTML, nobody impersonates', '/text', true],
      ['100 kB of HTML, a string', '/text', false], ['100 kB of HTML in Japanese, a string', '/japanese', false], ['100 kB of HTML, a buffer', '/bytes', false], ['100 kB of HTML, a stream', '/stream', false]
    ]) {
      const [without, withIt] = await compare(sides, url, asNobody, times)
      rows.push({ answer, without, with: withIt, cost: withIt - without })
    }
    return rows
  } finally {
    for (const side of sides) await side.close()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(`The banner's cost a request, medians in ms, Node.js ${process.version}`)
  console.table((await measureBanner()).map(row => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? Number(value.toFixed(4)) : value]))))
}
