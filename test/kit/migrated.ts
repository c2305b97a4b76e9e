import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbedded } from '../../dist/lib/log/database/embedded.js'
import { root } from './built.js'

/** The content of an empty log, already migrated: the engine runs once for all runs, until a migration or what applies it changes. */
export async function migratedLog (): Promise<Buffer> {
  const folder = join(root, 'node_modules/.cache/fastify-impersonate')
  const kept = join(folder, `${keyOf(['prisma/sqlite', 'dist/lib/log/database'])}.db`)
  if (existsSync(kept)) return readFileSync(kept)
  const content = await migrate()
  mkdirSync(folder, { recursive: true })
  // Another process may be at it: the file is there whole, or not at all.
  const unfinished = join(folder, randomUUID())
  writeFileSync(unfinished, content)
  renameSync(unfinished, kept)
  return content
}

async function migrate (): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'fastify-impersonate-'))
  const { close } = await openEmbedded(`file:${join(folder, 'log.db')}`)
  await close()
  const content = readFileSync(join(folder, 'log.db'))
  rmSync(folder, { recursive: true })
  return content
}

function keyOf (folders: string[]): string {
  const hash = createHash('sha256')
  for (const folder of folders) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(name => /\.(sql|prisma|toml|js)$/.test(name))
    for (const name of names.sort()) hash.update(name).update(readFileSync(join(root, folder, name)))
  }
  return hash.digest('hex').slice(0, 32)
}
