// Packs the package, looks at what is in it, and uses it as an application would: `npm run check:package`.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const folder = mkdtempSync(join(tmpdir(), 'fastify-impersonate-'))
const run = (command, args, cwd = folder) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

try {
  const [{ filename, files, size, unpackedSize }] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root))
  const paths = files.map(({ path }) => path)
  for (const wanted of [
    'dist/index.js', 'dist/index.d.ts', 'dist/lib/types.d.ts', 'views/layout.eta', 'views/impersonate.css', 'prisma/impersonation-log.prisma',
    'prisma/prisma.config.mjs', 'prisma/sqlite/schema.prisma', 'prisma/sqlite/impersonation-log.prisma', 'prisma/postgresql/migrations/migration_lock.toml',
    'dist/prisma/generated/sqlite/client.js', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md'
  ]) assert.ok(paths.includes(wanted), `${wanted} is missing in the package`)
  for (const path of paths) {
    assert.doesNotMatch(path, /^(test|demo|benchmark|\.ci|\.tap)\/|\.test\./, `${path} does not belong into the package`)
    assert.ok(!readFileSync(join(root, path), 'utf8').includes(root), `${path} names a folder of this machine`)
  }
  console.log(`package: ${paths.length} files, ${Math.round(size / 1024)} kB packed, ${Math.round(unpackedSize / 1024)} kB unpacked`)

  cpSync(join(here, 'consumer'), folder, { recursive: true })
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const wants = ['fastify', '@fastify/cookie', 'typescript', '@types/node'].map(name => `${name}@${devDependencies[name]}`)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `./${filename}`, ...wants])
  for (const register of ['nothing', 'plain', 'union']) run('npx', ['tsc', '--noEmit', '-p', `tsconfig.${register}.json`])
  console.log(run('node', ['app.mjs']).trim())
} finally {
  rmSync(folder, { recursive: true, force: true })
}
