// Packs the package and looks at what is in it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const here = dirname(fileURLToPath(import.meta.url))
export const root = join(here, '../..')
export const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Runs a program and returns what it prints; what it prints while failing is shown. */
export function run (cwd, command, args, env = {}) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')} in ${cwd} ended with ${error.status}:\n${error.stdout}${error.stderr}`)
  }
}

/** An empty folder that is gone when the process ends. */
export function newFolder (name) {
  const folder = mkdtempSync(join(tmpdir(), `fastify-impersonate-${name}-`))
  process.on('exit', () => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

/** The path of the packed package. */
export function pack () {
  const folder = newFolder('packed')
  const [{ filename, files, size, unpackedSize }] = JSON.parse(run(root, 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]))
  const paths = files.map(({ path }) => path)
  for (const wanted of [
    'dist/index.js', 'dist/index.d.ts', 'dist/lib/types/index.d.ts', 'dist/lib/testing/index.js', 'dist/lib/cli/main.js', 'views/layout.eta', 'views/impersonate.css',
    'prisma/impersonation-log.prisma', 'prisma/prisma.config.mjs', 'prisma/sqlite/schema.prisma', 'prisma/sqlite/impersonation-log.prisma',
    'prisma/postgresql/migrations/migration_lock.toml', 'dist/prisma/generated/sqlite/client.js', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md',
    'docs/command-line.md', 'docs/own-database.md', 'docs/testing.md'
  ]) assert.ok(paths.includes(wanted), `${wanted} is missing in the package`)
  for (const path of paths) {
    assert.doesNotMatch(path, /^(test|demo|benchmark|\.ci|\.tap)\/|\.test\./, `${path} does not belong into the package`)
    assert.ok(!readFileSync(join(root, path), 'utf8').includes(root), `${path} names a folder of this machine`)
  }
  console.log(`packed: ${paths.length} files, ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked`)
  return join(folder, filename)
}

/** A project with these packages and the files of a folder beside this one; says how much was installed and how long it took. */
export function newProject (name, template, packages, flags = []) {
  const folder = newFolder(name)
  cpSync(join(here, template), folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  const start = Date.now()
  run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...flags, ...packages])
  const seconds = ((Date.now() - start) / 1000).toFixed(1)
  console.log(`${name}: ${countOf(folder)} packages, ${kilobytes(sizeOf(join(folder, 'node_modules')))}, installed in ${seconds} s`)
  return folder
}

/** These development packages in the versions that this repository has. */
export const pinned = (...names) => names.map(name => `${name}@${devDependencies[name].replace(/^npm:/, '')}`)

/** Paths of files in a folder, whose ends are these. */
export function filesWith (folder, ...ends) {
  return readdirSync(folder, { recursive: true }).filter(path => ends.some(end => path.endsWith(end)))
}

function countOf (folder) {
  return run(folder, 'npm', ['ls', '--all', '--parseable']).trim().split('\n').length - 1
}

function sizeOf (folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

function kilobytes (bytes) {
  return `${Math.round(bytes / 1024).toLocaleString('en')} kB`
}
