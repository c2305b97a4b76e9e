/**
 * How many characters each text of a row may have: what is written is cut to it, what is sent is refused beyond it, and
 * MySQL's columns are made of it.
 */
export const LENGTHS = {
  id: 36,
  sessionKey: 43,
  openKey: 43,
  impersonatorId: 255,
  impersonatorName: 191,
  impersonatingId: 255,
  impersonatingName: 191,
  reason: 1000,
  ipAddress: 64,
  userAgent: 512,
  returnTo: 2000,
  endReason: 32,
  endedById: 255,
  endedByName: 191
} as const

/** Also where no reason is required. */
export const LONGEST_REASON = LENGTHS.reason

/** A text as its column takes it: no NUL, no half characters, so many characters. */
export function cut (text: string, column: keyof typeof LENGTHS): string {
  return [...text.replaceAll('\0', '\ufffd').toWellFormed()].slice(0, LENGTHS[column]).join('')
}
