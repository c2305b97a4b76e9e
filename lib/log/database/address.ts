import { resolve } from 'node:path'

/** The file of a `file:` address: a path as it stands, in which nothing is encoded. */
export function pathOf (address: string): string {
  return resolve(address.slice('file:'.length))
}

/** The address that libsql takes for a file: it decodes `%`, and ends the path at `?` and `#`. */
export function libsqlUrl (path: string): string {
  return `file:${path.replace(/[%?#]/g, encodeURIComponent)}`
}

/**
 * What the PostgreSQL driver takes, and the schema that tables are in where the address names one, as Prisma's
 * addresses do with `?schema=`.
 */
export function postgresOf (address: string): { connectionString: string, schema: string | undefined } {
  const url = new URL(address)
  const schema = url.searchParams.get('schema') ?? ''
  if (schema === '') return { connectionString: address, schema: undefined }
  // PostgreSQL splits its options at spaces, before it reads the name.
  const searchPath = `"${schema.replaceAll('"', '""')}"`.replace(/[\\ ]/g, '\\$&')
  url.searchParams.delete('schema')
  url.searchParams.set('options', `${url.searchParams.get('options') ?? ''} -c search_path=${searchPath}`.trim())
  return { connectionString: url.href, schema }
}
