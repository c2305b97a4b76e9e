import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { field } from '../../is.js'

/** Who migrates. The same process number may come again, as in each start of a container; when it was born tells. */
interface Holder { pid: number, host: string, born: number }

/** Milliseconds after which nobody can be at it any more, whatever the file says; and where it does not say who. */
const LIFETIME = 60_000
const LIFETIME_WITHOUT_NAME = 5000

/**
 * Prisma's engine has a lock on PostgreSQL only; on SQLite a file is one. False where another process has it; that of a
 * dead one is taken.
 */
export function takeLock (path: string): boolean {
  if (make(path)) return true
  const lock = look(path)
  if (lock === null || !isDead(lock)) return false
  // Somebody else may have found it dead as well, and taken it meanwhile.
  if (look(path)?.mtimeMs === lock.mtimeMs) rmSync(path, { force: true })
  return make(path)
}

/** Who has the lock, for messages. */
export function holderOf (path: string): string {
  const holder = look(path)?.holder ?? null
  return holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`
}

function make (path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600)
    const holder: Holder = { pid: process.pid, host: hostname(), born: born() }
    writeSync(file, JSON.stringify(holder))
    closeSync(file)
    return true
  } catch (error) {
    if (field(error, 'code') !== 'EEXIST') throw error
    return false
  }
}

function look (path: string): { holder: Holder | null, mtimeMs: number } | null {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return null
  return { holder: parse(readFileSync(path, 'utf8')), mtimeMs: stats.mtimeMs }
}

/** Null for one of version 0.1.0, and for one whose process died before it had written. */
function parse (text: string): Holder | null {
  const [, pid, host = '', born] = /^\{"pid":(\d+),"host":"(.*)","born":(\d+)\}$/.exec(text) ?? []
  return pid === undefined ? null : { pid: Number(pid), host, born: Number(born) }
}

function isDead ({ holder, mtimeMs }: { holder: Holder | null, mtimeMs: number }): boolean {
  const age = Date.now() - mtimeMs
  if (holder === null) return age > LIFETIME_WITHOUT_NAME
  if (age > LIFETIME) return true
  if (holder.host !== hostname()) return false
  return holder.pid === process.pid ? Math.abs(holder.born - born()) > 2 : !isRunning(holder.pid)
}

/** The second in which this process started, for all of its threads. */
function born (): number {
  return Math.round(Date.now() / 1000 - process.uptime())
}

function isRunning (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process cannot be asked, but is there.
    return field(error, 'code') === 'EPERM'
  }
}
