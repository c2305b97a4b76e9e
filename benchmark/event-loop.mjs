// The longest pause of the event loop while the embedded log works: node benchmark/event-loop.mjs [rows] [seconds]
// Rows that are past a deadline are closed; another process holds the lock for so many seconds, in which one impersonation is stopped.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from '@libsql/client'
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import impersonate, { memoryUsers } from '../dist/index.js'
import { openEmbedded } from '../dist/lib/log/database/embedded.js'
import { newRow } from '../dist/lib/log/new-row.js'

const TIMEOUT = 2000
const [first, second] = process.argv.slice(2)
if (first === 'hold') await hold(second)
else await measureAll(Number(first ?? 10_000), Number(second ?? 10))

async function measureAll (rows, seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'impersonate-event-loop-'))
  const file = join(folder, 'log.db')
  const users = memoryUsers([{ id: '1', username: 'sam', isStaff: true, isSuperuser: false }, { id: '2', username: 'carl', isStaff: false, isSuperuser: false }])
  const app = Fastify()
  await app.register(cookie)
  await app.register(impersonate, {
    databaseUrl: `file:${file}`, users, getRealUser: () => users.findById('1'), adminAllow: () => true, timeout: TIMEOUT
  })
  // What starting costs, such as importing and compiling, is no part of it.
  await app.ready()

  await fill(file, rows)
  const page = await watch(async () => (await app.inject({ url: '/impersonate/sessions/', headers: { accept: 'application/json' } })).statusCode)
  console.log(`GET /sessions/ before ${rows} overdue rows, with a time limit of ${TIMEOUT} ms: ${page.answer} after ${page.took} ms, ${longest(page)}`)
  const sweep = await watch(async () => await app.impersonate.sweep())
  console.log(`${rows} overdue rows: ${sweep.answer} closed after ${page.took + sweep.took} ms, ${longest(sweep)}`)

  const send = async (url, headers = {}) => await app.inject({ method: 'POST', url, headers: { accept: 'application/json', ...headers } })
  const started = await send('/impersonate/2/')
  const headers = { cookie: started.cookies.map(({ name, value }) => `${name}=${value}`).join('; ') }
  const holder = spawn(process.execPath, [fileURLToPath(import.meta.url), 'hold', file], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(holder.stdout, 'data')
  const stop = await watch(async () => {
    const began = performance.now()
    const released = pause(seconds * 1000).then(async () => {
      holder.stdin.end()
      await once(holder, 'exit')
    })
    const { statusCode } = await send('/impersonate/stop/', headers)
    const answered = Math.round(performance.now() - began)
    await released
    while ((await app.impersonate.sessions.list()).length > 0) await pause(50)
    return `${statusCode} after ${answered} ms, its row closed after ${Math.round(performance.now() - began)} ms`
  })
  console.log(`another process holds the lock for ${seconds} s: a stop is answered ${stop.answer}, ${longest(stop)}`)
  await app.close()
  rmSync(folder, { recursive: true })
}

/** Rows that were seen last more than a day ago. */
async function fill (file, rows) {
  const startedAt = new Date(Date.now() - 90_000_000)
  const [impersonator, impersonating] = [{ id: '1', name: 'sam' }, { id: '2', name: 'carl' }]
  const { client, close } = await openEmbedded(`file:${file}`)
  await client.impersonationLog.createMany({
    data: Array.from({ length: rows }, (unused, index) =>
      newRow({ sessionKey: `key-${index}`, openKey: `open-${index}`, impersonator, impersonating, startedAt, reason: null }))
  })
  await close()
}

/** Where the machine is busy with others, a pause is longer than what this process did in it. */
async function watch (work) {
  const began = performance.now()
  let last = { at: began, busy: busy() }
  const longest = { pause: 0, busy: 0 }
  const look = () => {
    const now = { at: performance.now(), busy: busy() }
    longest.pause = Math.max(longest.pause, now.at - last.at)
    longest.busy = Math.max(longest.busy, now.busy - last.busy)
    last = now
  }
  const watching = setInterval(look, 1)
  const answer = await work()
  await pause(5)
  clearInterval(watching)
  return { answer, took: Math.round(performance.now() - began), longest }
}

/** Milliseconds of processor. */
function busy () {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function longest ({ longest: { pause, busy } }) {
  return `longest pause ${Math.round(pause)} ms, most processor between two looks ${Math.round(busy)} ms`
}

/** What another process does: it begins to write, says so, and does not come to an end. */
async function hold (file) {
  const client = createClient({ url: `file:${file}`, timeout: 5000 })
  const held = await client.transaction('write')
  console.log('held')
  await new Promise(resolve => { process.stdin.once('close', resolve).resume() })
  // Used here too, or the garbage collector would give the lock back.
  await held.rollback()
}
