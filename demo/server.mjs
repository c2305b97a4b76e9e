// The demo: `npm ci && npm start`. Takes PORT, HOST and DATABASE_URL (of the impersonation log), and DEMO_DATA for its folder.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const { PORT = '3000', HOST = '127.0.0.1', DATABASE_URL, DEMO_DATA = fileURLToPath(new URL('data', import.meta.url)) } = process.env

const isBuilt = ['../dist/index.js', 'generated/dist/client.js'].every(file => existsSync(new URL(file, import.meta.url)))
if (!isBuilt) giveUp('The demo is not built yet: npm run build')
if (!/^\d{1,5}$/.test(PORT) || Number(PORT) > 65535) giveUp(`PORT takes a number from 0 to 65535, not "${PORT}"`)

const folder = resolve(DEMO_DATA)
let app
let prisma
try {
  const [{ openDatabase }, { createApp }] = await Promise.all([import('./database.mjs'), import('./app.mjs')])
  prisma = await openDatabase(folder)
  app = await createApp({
    prisma,
    databaseUrl: DATABASE_URL || `file:${join(folder, 'impersonate.db')}`,
    logger: { level: process.env.LOG_LEVEL ?? 'warn' }
  })
  await app.listen({ port: Number(PORT), host: HOST })
} catch (error) {
  giveUp(error.code === 'EADDRINUSE'
    ? `Port ${PORT} on ${HOST} is taken already: stop what runs there, or choose another one with PORT=3001 npm start`
    : `The demo cannot start: ${error.message}`)
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
if (process.env.npm_lifecycle_event === 'start') stopWithParent(process.ppid)
const { ACCOUNTS, PASSWORD } = await import('./people.mjs')
const { address, family, port } = app.server.address()
console.log(`
The help desk is at http://${family === 'IPv6' ? `[${address}]` : address}:${port}

Sign in with the password "${PASSWORD}" as
${ACCOUNTS.map(({ username, role }) => `  ${username.padEnd(6)}${role}`).join('\n')}

Ctrl+C stops it. What you do is kept in ${folder}
`)

async function stop () {
  await app.close()
  await prisma.$disconnect()
  process.exit(0)
}

/** A SIGTERM to `npm start` ends the shell between npm and this process, which does not pass it on. */
function stopWithParent (parent) {
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop()
  }, 250)
  watch.unref()
}

function giveUp (message) {
  console.error(message)
  process.exit(1)
}
