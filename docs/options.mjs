// Writes README's tables of options from lib/options/table/: `node docs/options.mjs`.
// With --check it only tells whether they agree.
import { readFileSync, writeFileSync } from 'node:fs'

const read = path => readFileSync(new URL(path, import.meta.url), 'utf8')
const page = new URL('../README.md', import.meta.url)

const ENTRY = /^ {2}\/\*\*((?:(?!\*\/).)*?) ?\*\/\n {2}(\w+):/gms
/** A default that is code; any other is words. */
const CODE = /^('.*'|\[.*\]|\{.*\}|\d+|true|false|null|\w+\.\w+)$/

const [, order] = /TABLE: Table = \{(.*?)\}/s.exec(read('../lib/options/table.ts'))
const files = [...order.matchAll(/\.\.\.(\w+)/g)].map(([, topic]) => `../lib/options/table/${topic}.ts`)
const options = files.flatMap(path => {
  const source = read(path)
  const [, table] = /^export const \w+ = \{\n(.*?)^\}/ms.exec(source)
  const entries = [...table.matchAll(ENTRY)].map(([, comment, name]) => readEntry(name, comment))
  const isWhole = entries.length === table.match(/^ {2}\w+:/gm).length
  if (!isWhole) throw new Error(`Each option in ${path} needs a comment of its own`)
  return entries
})

function readEntry (name, comment) {
  const text = comment.replace(/\s*\n\s*\*( |$)/g, ' ').trim().replace(/\s+/g, ' ')
  const [, meaning, otherwise, django] = /^(.+?) @default (.+?)(?: @django (.+))?$/.exec(text) ?? []
  if (meaning === undefined) {
    throw new Error(`The comment of ${name} is to be: its meaning, @default, and @django for one of django-impersonate's`)
  }
  return { name, meaning, otherwise: CODE.test(otherwise) ? `\`${otherwise}\`` : otherwise, ...readDjango(django) }
}

/** Its names there, and after a colon the difference. */
function readDjango (text) {
  if (text === undefined) return { there: null }
  const [, names, difference] = /^([\w., ]+)(?:: (.+))?$/.exec(text)
  const there = names.split(', ').map(name => `\`${name}\``).join(', ')
  return { there, difference: difference === undefined ? '' : ` *Difference:* ${difference}.` }
}

function tableOf (head, rows) {
  const lineOf = cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [head, head.map(() => '---'), ...rows].map(lineOf).join('\n')
}

const linked = text => text.replace(/\b(docs\/[\w-]+\.md)/g, '[$1]($1)')
const fromDjango = options.filter(({ there }) => there !== null)
const own = options.filter(({ there }) => there === null)
const tables = {
  'options of django-impersonate': tableOf(['django-impersonate', 'option', 'default', 'meaning, and the difference'],
    fromDjango.map(({ there, name, otherwise, meaning, difference }) =>
      [there, `\`${name}\``, otherwise, linked(meaning + difference)])),
  'options of its own': tableOf(['option', 'default', 'meaning'],
    own.map(({ name, otherwise, meaning }) => [`\`${name}\``, otherwise, linked(meaning)]))
}

const before = readFileSync(page, 'utf8')
let text = before
for (const [name, table] of Object.entries(tables)) {
  const [start, end] = [`<!-- ${name}: node docs/options.mjs -->\n`, `\n<!-- /${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`README.md has no place for the ${name}`)
  text = text.slice(0, from + start.length) + table + text.slice(to)
}

if (process.argv[2] !== '--check') writeFileSync(page, text)
else if (before !== text) {
  console.error('README.md is not what lib/options/table/ says: run node docs/options.mjs')
  process.exitCode = 1
}
