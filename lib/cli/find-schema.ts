import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failure } from './terminal.js'

/** Where an application's Prisma schema is, and what says so. */
export interface SchemaPlace {
  path: string
  saidBy: string
}

/** A file of the schema, or the folder that all of it is in, in the order in which Prisma looks. */
export async function findSchema (cwd: string, given: string | undefined): Promise<SchemaPlace> {
  const place = given !== undefined
    ? { path: resolve(cwd, given), saidBy: '--schema' }
    : await fromConfig(cwd) ?? fromPackage(cwd) ?? byConvention(cwd)
  if (place === null) throw new Failure('There is no Prisma schema here: go to your application\'s folder, or say where its schema is with --schema <folder>')
  if (!existsSync(place.path)) throw new Failure(`${place.saidBy} says that the Prisma schema is at ${place.path}, where nothing is`)
  return place
}

const CONFIGS = ['prisma.config', '.config/prisma'].flatMap(name => ['js', 'ts', 'mjs', 'cjs', 'mts', 'cts'].map(end => `${name}.${end}`))

/** Read by the application's own Prisma, which knows TypeScript. */
async function fromConfig (cwd: string): Promise<SchemaPlace | null> {
  const file = CONFIGS.find(name => existsSync(join(cwd, name)))
  if (file === undefined) return null
  const load = await prismasLoader(cwd, file)
  const loaded: unknown = await load({ configRoot: cwd })
  const error: unknown = Reflect.get(Object(loaded), 'error')
  if (error !== undefined) {
    const why: unknown[] = [Reflect.get(Object(Reflect.get(Object(error), 'error')), 'message'), Reflect.get(Object(error), '_tag')]
    throw new Failure(`${file} cannot be read: ${String(why.find(Boolean))}. Give it what it needs, or say where the schema is with --schema <folder>`)
  }
  const path: unknown = Reflect.get(Object(Reflect.get(Object(loaded), 'config')), 'schema')
  return typeof path === 'string' ? { path: resolve(cwd, path), saidBy: file } : null
}

async function prismasLoader (cwd: string, file: string): Promise<(input: object) => Promise<unknown>> {
  try {
    const prisma = createRequire(join(cwd, 'package.json')).resolve('prisma/package.json')
    const { loadConfigFromFile } = await import(pathToFileURL(createRequire(prisma).resolve('@prisma/config')).href)
    return loadConfigFromFile
  } catch (cause) {
    throw new Failure(`${file} is read by Prisma, which is not installed here: npm install -D prisma, or say where the schema is with --schema <folder>`, { cause })
  }
}

function fromPackage (cwd: string): SchemaPlace | null {
  const file = join(cwd, 'package.json')
  if (!existsSync(file)) return null
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const path: unknown = Reflect.get(Object(Reflect.get(Object(content), 'prisma')), 'schema')
  return typeof path === 'string' ? { path: resolve(cwd, path), saidBy: 'package.json' } : null
}

function byConvention (cwd: string): SchemaPlace | null {
  const path = ['prisma/schema', 'prisma/schema.prisma', 'schema.prisma'].map(name => join(cwd, name)).find(name => existsSync(name))
  return path === undefined ? null : { path, saidBy: 'Prisma\'s convention' }
}

/** The .prisma files of a schema, with what is in them. */
export function readSchema (path: string): Array<{ file: string, text: string }> {
  const files = statSync(path).isFile()
    ? [path]
    : readdirSync(path, { withFileTypes: true, recursive: true })
      .filter(entry => entry.isFile() && entry.name.endsWith('.prisma'))
      .map(entry => join(entry.parentPath, entry.name))
      .sort()
  return files.map(file => ({ file, text: readFileSync(file, 'utf8') }))
}

/** A folder that holds all of a schema; refused is a file, which Prisma then takes for all there is. */
export function asFolder ({ path, saidBy }: SchemaPlace): string {
  if (statSync(path).isDirectory()) return path
  const folder = join(dirname(path), 'schema')
  throw new Failure(`The Prisma schema is a single file, ${path} (${saidBy}), which this command does not write to. Either make it a folder, which Prisma reads whole: move the file to ${join(folder, 'schema.prisma')} and write schema: 'prisma/schema' into prisma.config.ts. Or paste the model yourself: fastify-impersonate schema --print`)
}
