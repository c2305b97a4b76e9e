import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { LENGTHS } from '../log/columns.js'
import { Failure } from './terminal.js'

export const PROVIDERS = ['sqlite', 'postgresql', 'mysql'] as const
export type Provider = typeof PROVIDERS[number]

/** What MySQL and MariaDB take where the model says String alone. */
const MYSQL_DEFAULT = 191

/** What a text may be long there: as much as the plugin writes. */
const MYSQL_LENGTHS = new Map(Object.entries(LENGTHS).filter(([, length]) => length !== MYSQL_DEFAULT))

const START = /^\s*model\s+ImpersonationLog\s*\{/
const FIELD = /^\s*(\w+)\s+(\w+(?:\[\])?\??)/

/** The bundled model for this provider. */
export function bundledModel (provider: Provider): string {
  const text = readFileSync(createRequire(import.meta.url).resolve('#prisma/impersonation-log.prisma'), 'utf8')
  return provider === 'mysql' ? text.split('\n').map(withLength).join('\n') : text
}

function withLength (line: string): string {
  const length = MYSQL_LENGTHS.get(FIELD.exec(line)?.[1] ?? '')
  return length === undefined || line.includes('@db.') ? line : `${line} @db.VarChar(${length})`
}

export function hasModel (text: string): boolean {
  return text.split('\n').some(line => START.test(line))
}

/**
 * A schema file with what its ImpersonationLog lacks of the bundled model. What is there stays, such as names of columns
 * or of the table; a field of another type is refused.
 */
export function updateModel (text: string, model: string): string {
  const lines = text.split('\n')
  const start = lines.findIndex(line => START.test(line))
  const end = lines.findIndex((line, index) => index > start && /^\s*\}/.test(line))
  const own = lines.slice(start + 1, end)
  const wanted = model.split('\n')
  let at = 0
  let comments: string[] = []
  for (const line of wanted.slice(wanted.findIndex(line => START.test(line)) + 1, wanted.lastIndexOf('}'))) {
    const key = keyOf(line)
    if (key === null) {
      if (line.trim() !== '') comments.push(line)
      continue
    }
    const there = own.findIndex(one => keyOf(one) === key)
    if (there === -1) {
      // An index goes to the end, a field behind the one before it.
      const place = key.startsWith('@@') ? own.length : at
      own.splice(place, 0, ...comments, line)
      at = place + comments.length + 1
    } else {
      own[there] = reconcile(String(own[there]), line)
      at = there + 1
    }
    comments = []
  }
  return [...lines.slice(0, start + 1), ...own, ...lines.slice(end)].join('\n')
}

/** The name of a field, or an index with its fields; null for what is neither. */
function keyOf (line: string): string | null {
  if (/^\s*\/\//.test(line)) return null
  const index = /^\s*(@@\w+)\s*\(\s*(?:fields:\s*)?\[([^\]]*)\]/.exec(line)
  if (index !== null) return `${index[1]} ${index[2]?.replace(/\s/g, '')}`
  return FIELD.exec(line)?.[1] ?? null
}

function reconcile (own: string, bundled: string): string {
  const [, name, type] = FIELD.exec(own) ?? []
  const [, , wanted] = FIELD.exec(bundled) ?? []
  if (type !== wanted) throw new Failure(`Your ImpersonationLog has ${name} as ${type}, where the plugin needs ${wanted}: change that first`)
  return own.includes('@db.') ? own : `${own.trimEnd()}${/ @db\.\S+/.exec(bundled)?.[0] ?? ''}`
}
