import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export type Provider = 'sqlite' | 'postgresql'

export interface Migration { name: string, sql: string }

const require = createRequire(import.meta.url)

/** A file of the bundled Prisma schema for this provider. */
export function readSchemaFile (provider: Provider, path: string): string {
  return readFileSync(require.resolve(`#prisma/${provider}/${path}`), 'utf8')
}

/** The bundled migrations, in their order. */
export function readBundled (provider: Provider): Migration[] {
  const folder = join(dirname(require.resolve(`#prisma/${provider}/schema.prisma`)), 'migrations')
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map(name => ({ name, sql: readSchemaFile(provider, `migrations/${name}/migration.sql`) }))
}
