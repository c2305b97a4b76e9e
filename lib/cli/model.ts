import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { LENGTHS } from '../log/columns.js'
import { Failure } from './terminal.js'

export const PROVIDERS = ['sqlite', 'postgresql', 'mysql'] as const
export type Provider = typeof PROVIDERS[number]

/** A model of a Prisma schema, with the comments before it. */
export interface Model {
  name: string
  text: string
}

/** What MySQL and MariaDB take where the model says String alone. */
const MYSQL_DEFAULT = 191

/** What a text may be long there: as much as the plugin writes. */
const MYSQL_LENGTHS = Object.entries({
  ...LENGTHS, kind: 32, action: 32, state: 32, permitId: 36, impersonationId: 36, hash: 43, once: 64, decidedById: 255
}).filter(([, length]) => length !== MYSQL_DEFAULT)

const MYSQL_TYPES = new Map([
  ...MYSQL_LENGTHS.map(([name, length]) => [name, `VarChar(${length})`] as const), ['personal', 'Text'], ['body', 'LongText']
])

const MODEL = /(?:^\/\/\/.*\n)*^model (\w+) \{[^]*?^\}\n/gm
const FIELD = /^\s*(\w+)\s+(\w+(?:\[\])?\??)/

/** The bundled models for this provider, as one text. */
export function bundledText (provider: Provider): string {
  const text = readFileSync(createRequire(import.meta.url).resolve('#prisma/impersonation-log.prisma'), 'utf8')
  return provider === 'mysql' ? text.split('\n').map(withType).join('\n') : text
}

export function bundledModels (provider: Provider): Model[] {
  return [...bundledText(provider).matchAll(MODEL)].map(([text, name = '']) => ({ name, text }))
}

function withType (line: string): string {
  const type = MYSQL_TYPES.get(FIELD.exec(line)?.[1] ?? '')
  return type === undefined || line.includes('@db.') ? line : `${line} @db.${type}`
}

export function hasModel (text: string, name: string): boolean {
  return text.split('\n').some(startOf(name))
}

function startOf (name: string): (line: string) => boolean {
  const start = new RegExp(`^\\s*model\\s+${name}\\s*\\{`)
  return line => start.test(line)
}

/**
 * A schema file with what it lacks of a bundled model that it has. What is there stays, such as names of columns
 * or of the table; a field of another type is refused.
 */
export function updateModel (text: string, { name, text: bundled }: Model): string {
  const lines = text.split('\n')
  const start = lines.findIndex(startOf(name))
  const end = lines.findIndex((line, index) => index > start && /^\s*\}/.test(line))
  const own = lines.slice(start + 1, end)
  const wanted = bundled.split('\n')
  let at = 0
  let comments: string[] = []
  for (const line of wanted.slice(wanted.findIndex(startOf(name)) + 1, wanted.lastIndexOf('}'))) {
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
      own[there] = reconcile(name, String(own[there]), line)
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

function reconcile (model: string, own: string, bundled: string): string {
  const [, name, type] = FIELD.exec(own) ?? []
  const [, , wanted] = FIELD.exec(bundled) ?? []
  if (type !== wanted) throw new Failure(`Your ${model} has ${name} as ${type}, where the plugin needs ${wanted}: change that first`)
  return own.includes('@db.') ? own : `${own.trimEnd()}${/ @db\.\S+/.exec(bundled)?.[0] ?? ''}`
}
