import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes, randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import type { LogRow } from '../../dist/lib/log/store.js'
import type { PrismaClient } from '../../dist/prisma/generated/sqlite/client.js'
import { migratedLog } from './migrated.js'

/** The path of a file that is not there yet and is gone after the test. */
export function newFile (t: Test): string {
  const path = join(tmpdir(), `impersonate-${randomUUID()}.db`)
  t.teardown(() => { for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${end}`, { force: true }) })
  return path
}

/** An application's own PrismaClient over a database of this test's own. */
export async function openLog (t: Test, path = newFile(t)): Promise<PrismaClient> {
  if (!existsSync(path)) writeFileSync(path, await migratedLog(), { mode: 0o600 })
  const database = await openEmbedded(`file:${path}`)
  t.teardown(async () => { await database.close() })
  return database.client as PrismaClient
}

/** What a test puts in the place of a method of the log: it gets what the method would have got, and the method. */
type Fault = (args: unknown, real: (args: unknown) => unknown) => unknown

/** The application's client, with faults in some methods of its log; change `faults` at any time. */
export function faulty (client: PrismaClient, faults: Record<string, Fault>): PrismaClient {
  function withFault (target: object, name: string | symbol): unknown {
    const real: unknown = Reflect.get(target, name)
    if (typeof real !== 'function') return real
    return (args: unknown) => {
      const fault = faults[String(name)]
      return fault === undefined ? real.call(target, args) : fault(args, given => real.call(target, given))
    }
  }
  const log = new Proxy(client.impersonationLog, { get: withFault })
  return new Proxy(client, {
    get: (target, name) => name === 'impersonationLog' ? log : withFault(target, name)
  })
}

let number = 0

/** A closed row of sam as carl, a minute long, with what a test cares about. */
export function row (more: Partial<LogRow> = {}): LogRow {
  const startedAt = more.sessionStartedAt ?? new Date('2026-01-31T12:00:00Z')
  return {
    id: `row-${String(++number).padStart(4, '0')}`,
    sessionKey: randomBytes(32).toString('base64url'),
    openKey: null,
    impersonatorId: '2',
    impersonatorName: 'sam',
    impersonatingId: '3',
    impersonatingName: 'Carl O\'Brien',
    reason: null,
    readOnly: false,
    ipAddress: '127.0.0.1',
    userAgent: null,
    returnTo: null,
    sessionStartedAt: startedAt,
    expiresAt: null,
    lastSeenAt: more.sessionEndedAt === null ? new Date(startedAt.getTime() + 1) : startedAt,
    sessionEndedAt: new Date(startedAt.getTime() + 60_000),
    endReason: 'stopped',
    endedById: '2',
    endedByName: 'sam',
    reportedAt: more.sessionEndedAt === null ? null : startedAt,
    ...more
  }
}

/** What makes a closed row an open one. */
export const open = { sessionEndedAt: null, endReason: null, endedById: null, endedByName: null }
