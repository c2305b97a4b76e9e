// The longest pause of the event loop while overdue rows of the embedded log are closed: node benchmark/event-loop.mjs [rows]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import impersonate, { memoryUsers } from '../dist/index.js'
import { openEmbedded } from '../dist/lib/log/database/embedded.js'
import { newRow } from '../dist/lib/log/new-row.js'

const ROWS = Number(process.argv[2] ?? 10_000)
const folder = mkdtempSync(join(tmpdir(), 'impersonate-event-loop-'))
const databaseUrl = `file:${join(folder, 'log.db')}`
const startedAt = new Date(Date.now() - 90_000_000)
const [impersonator, impersonating] = [{ id: '1', name: 'sam' }, { id: '2', name: 'carl' }]

const app = Fastify()
await app.register(cookie)
await app.register(impersonate, { databaseUrl, users: memoryUsers([]), getRealUser: () => null })
// What starting costs, such as importing and compiling, is no part of it.
await app.ready()

const { client, close } = await openEmbedded(databaseUrl)
await client.impersonationLog.createMany({
  data: Array.from({ length: ROWS }, (unused, index) =>
    newRow({ sessionKey: `key-${index}`, openKey: `open-${index}`, impersonator, impersonating, startedAt, reason: null }))
})
await close()

const began = performance.now()
let [last, longest] = [began, 0]
const watch = setInterval(() => {
  const now = performance.now()
  longest = Math.max(longest, now - last)
  last = now
}, 1)
await app.impersonate.sweep()
await new Promise(resolve => { setTimeout(resolve, 5) })
clearInterval(watch)
const all = performance.now() - began
console.log(`${ROWS} overdue rows: closed after ${Math.round(all)} ms, longest pause ${Math.round(longest)} ms`)
await app.close()
rmSync(folder, { recursive: true })
