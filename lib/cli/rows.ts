import { entryOf } from '../log/entry.js'
import type { LogRow } from '../log/store.js'
import { paint, printable, table, type Terminal } from './terminal.js'

/** Rows as lines under a head; the names last, as there is no telling how wide they are. */
export function writeRows (stdout: Terminal['stdout'], rows: LogRow[]): void {
  if (rows.length === 0) return
  const cells = rows.map(row => [...cellsOf(row), `${whom(row)}`])
  const [head = '', ...lines] = table([['ID', 'STARTED', 'LAST SEEN', 'LASTED', 'END', 'WHO AS WHOM'], ...cells])
  stdout.write(paint(stdout, 'bold', head) + '\n')
  for (const line of lines) stdout.write(`${line}\n`)
}

/** Who as whom. */
export function whom (row: LogRow): string {
  const { impersonator, impersonating } = entryOf(row)
  return `${personOf(impersonator)} as ${personOf(impersonating)}`
}

export function personOf ({ id, name }: { id: string, name: string }): string {
  return printable(`${name} (${id})`)
}

export function timeOf (date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}

/** Whether a row that is open is past the end that was set at its start. */
export function hasExpired ({ sessionEndedAt, expiresAt }: LogRow): boolean {
  return sessionEndedAt === null && expiresAt !== null && expiresAt.getTime() <= Date.now()
}

function cellsOf (row: LogRow): string[] {
  const { duration, endReason } = entryOf(row)
  const state = hasExpired(row) ? 'overdue' : 'running'
  return [printable(row.id), timeOf(row.sessionStartedAt), timeOf(row.lastSeenAt), duration === null ? '' : lasting(duration), endReason ?? state]
}

function lasting (seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min` : `${seconds} s`
}
