import { createHash, randomBytes } from 'node:crypto'
import type { LogRow } from '../log/store.js'

/** 160 random bits. */
export function newKey (): string {
  return randomBytes(20).toString('base64url')
}

/** SHA-256, in base64url: what the log keeps instead of the key. */
export function hashKey (key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}

/**
 * Whether an open row goes with this sign-in. One that was started where no sign-in's id was known goes with all of the
 * person's: an id that turns up later tells nothing.
 */
export function goesWith (row: LogRow, personId: string, signInId: string | null): boolean {
  return row.openKey === openKeyOf(personId, null) ||
    (signInId !== null && row.openKey === openKeyOf(personId, signInId))
}

/** One sign-in of one person; without a sign-in's id, all of that person's. */
export function openKeyOf (impersonatorId: string, signInId: string | null): string {
  const identity = signInId === null ? [impersonatorId] : [impersonatorId, signInId]
  return createHash('sha256').update(JSON.stringify(identity)).digest('base64url')
}
