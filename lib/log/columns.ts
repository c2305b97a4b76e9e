/** In characters, also where no reason is required. */
export const LONGEST_REASON = 1000

/** What a column takes: no NUL, no half characters, so many characters. */
export function cut (text: string, most: number): string {
  return [...text.replaceAll('\0', '\ufffd').toWellFormed()].slice(0, most).join('')
}
