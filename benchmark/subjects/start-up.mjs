import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, ms } from '../measure.mjs'

export const title = 'Start-up and installation'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Why each dependency is there; one without a reason stops the benchmark. */
const REASONS = {
  '@fastify/error': 'coded errors as Fastify\'s own',
  '@fastify/formbody': 'the forms of the plugin\'s pages, which work without scripts',
  '@fastify/view': 'renders the pages',
  ajv: 'input that is neither coerced nor dropped; Fastify brings the same one along',
  commander: 'the command line, with its help',
  eta: 'the templates, which applications replace',
  'fastest-levenshtein': 'the nearest name of an unknown option',
  'fastify-plugin': 'what makes it a plugin',
  negotiator: 'HTML or JSON; the core of accepts and @fastify/accepts',
  uuid: 'UUIDv7: ids that sort by time',
  '@prisma/adapter-libsql': 'optional: the embedded SQLite file',
  '@prisma/client': 'optional: the embedded log, on SQLite or PostgreSQL',
  '@prisma/driver-adapter-utils': 'optional: hands the migrations to Prisma\'s engine',
  '@prisma/schema-engine-wasm': 'optional: applies the migrations without a download'
}

export async function run () {
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const packages = readLock()
  const closureOf = names => {
    const seen = new Set()
    const visit = (name, from) => {
      const found = resolve(packages, name, from)
      if (found === null || seen.has(found)) return
      seen.add(found)
      for (const next of Object.keys({ ...packages[found].dependencies, ...packages[found].optionalDependencies })) visit(next, found)
    }
    for (const name of names) visit(name, '')
    return [...seen]
  }
  const needed = Object.keys(own.dependencies)
  const optional = Object.keys(own.optionalDependencies)
  const rowOf = (name, isOptional) => {
    if (REASONS[name] === undefined) throw new Error(`${name} is a dependency without a reason in benchmark/subjects/start-up.mjs`)
    const all = closureOf([name])
    return [name, isOptional ? 'optional' : 'yes', String(all.length), size(all), REASONS[name].replace('optional: ', '')]
  }
  const without = closureOf(needed)
  const withAll = closureOf([...needed, ...optional])
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))

  const probe = (...args) => JSON.parse(execFileSync(process.execPath, [fileURLToPath(new URL('../servers/import.mjs', import.meta.url)), ...args], { encoding: 'utf8' }))
  const probes = Array.from({ length: 9 }, () => probe().took)
  const { loaded } = probe('names')
  const early = loaded.filter(name => /prisma|libsql|^eta$|@fastify\/view/.test(name))
  return {
    results: [
      { what: 'Importing the plugin', measured: ms(median(probes)), more: `${loaded.length} packages: ${loaded.join(', ')}`, goal: 'under 100 ms' },
      { what: 'Of Prisma, Eta or SQLite loaded by that', measured: early.length === 0 ? 'nothing' : early.join(', '), goal: 'nothing' },
      { what: 'The package itself', measured: `${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} unpacked, ${packed.entryCount} files` },
      { what: 'With what it needs', measured: `${without.length} packages, ${size(without)}`, more: 'with `disableLogging`, or beside your own Prisma' },
      { what: 'With the embedded log as well', measured: `${withAll.length} packages, ${size(withAll)}` }
    ],
    tables: [{ head: ['dependency', 'needed', 'packages', 'installed', 'why'], rows: [...needed.map(name => rowOf(name, false)), ...optional.map(name => rowOf(name, true))] }]
  }
}

function readLock () {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
}

/** Where Node finds a package from another one's folder; null where the platform has no use for it. */
function resolve (packages, name, from) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (packages[path] !== undefined) return statSync(join(root, path), { throwIfNoEntry: false }) === undefined ? null : path
    if (folder === '') return null
  }
}

function size (paths) {
  return kilobytes(paths.reduce((sum, path) => sum + bytesOf(join(root, path)), 0))
}

/** Of its own files: packages that are nested in it are counted for themselves. */
function bytesOf (folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? sum : sum + bytesOf(path)
    return entry.isFile() ? sum + statSync(path).size : sum
  }, 0)
}

function kilobytes (bytes) {
  return bytes < 2 ** 20 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 2 ** 20).toFixed(1)} MB`
}
