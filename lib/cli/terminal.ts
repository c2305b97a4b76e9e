import { stripVTControlCharacters, styleText } from 'node:util'

/** Where the command line reads and writes: a process, or what stands in for one. */
export interface Terminal {
  stdout: NodeJS.WritableStream & { isTTY?: boolean }
  stderr: NodeJS.WritableStream & { isTTY?: boolean }
  cwd (): string
}

/** What the command line says instead of doing it; anything else that is thrown is a defect or the database's. */
export class Failure extends Error {}

type Style = Parameters<typeof styleText>[0]

/** Colours where the stream is a terminal that wants them: NO_COLOR and FORCE_COLOR are honoured. */
export function paint (stream: NodeJS.WritableStream, style: Style, text: string): string {
  return styleText(style, text, { stream })
}

/**
 * Controls, and what is there and not seen: turned directions, joiners, tags, line separators, halves of characters.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * A text of somebody else's, such as a name: what would steer the terminal or turn the line around is shown as a mark.
 */
export function printable (text: string): string {
  return stripVTControlCharacters(text).replace(UNSEEN, '\ufffd')
}

/** JSON whose texts steer no terminal: the same values, what is not seen in them written as \u escapes. */
export function toJson (value: unknown): string {
  return JSON.stringify(value, null, 2).replace(UNSEEN, character => character === '\n' ? character : character.replace(/[^]/g, escaped))
}

function escaped (unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Rows as lines, each column as wide as its longest text. */
export function table (rows: string[][]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length)
  }
  return rows.map(row => row.map((text, column) => text.padEnd(Number(widths[column]))).join('  ').trimEnd())
}

/** Says what takes its time, where somebody is watching, and takes it back when it is done. */
export async function withProgress<Value> (
  { stderr }: Terminal, what: string, work: () => Promise<Value>
): Promise<Value> {
  if (stderr.isTTY !== true) return await work()
  stderr.write(what)
  try {
    return await work()
  } finally {
    stderr.write('\r\u001b[2K')
  }
}

/** `fastify-impersonate log | head` closes the pipe early, which is no failure. */
export function ignoreClosedPipe (error: Error): void {
  if (Reflect.get(error, 'code') !== 'EPIPE') throw error
}
