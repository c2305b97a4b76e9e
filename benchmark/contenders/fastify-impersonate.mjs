// Fastify with @fastify/session and the plugin, over SQLite: `node fastify-impersonate.mjs <file> <users>`. Answers commands.
import { createApp, jarOf } from '../app.mjs'
import { openSqlite } from '../database.mjs'
import { answerCommands } from './commands.mjs'

const [file, users] = process.argv.slice(2)
const prisma = await openSqlite(file, { users: Number(users) })
const app = await createApp({ prisma })
const WIDTH = 50
const browsers = Array.from({ length: WIDTH }, () => jarOf(app))
for (const browser of browsers) {
  await browser.send('POST', '/sign-in/2')
  await start(browser)
}

async function start (browser) {
  const { statusCode } = await browser.send('POST', '/impersonate/3/')
  if (statusCode !== 201) throw new Error(`The start was answered ${statusCode}`)
}

async function stop (browser) {
  const { statusCode } = await browser.send('POST', '/impersonate/stop/')
  if (statusCode !== 200) throw new Error(`The stop was answered ${statusCode}`)
}

answerCommands({
  async request (lane) {
    const { user, impersonator } = (await browsers[lane].send('GET', '/who')).json()
    if (user !== 3 || impersonator !== 2) throw new Error('The wrong person')
  },
  async pair (lane) {
    await stop(browsers[lane])
    await start(browsers[lane])
  }
})
