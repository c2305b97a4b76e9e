// For the Prisma CLI: prisma migrate deploy --config node_modules/fastify-impersonate/prisma/prisma.config.mjs
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const given = process.env.IMPERSONATE_DATABASE_URL ?? 'file:./impersonate.db'
const provider = given.startsWith('file:') ? 'sqlite' : 'postgresql'
const url = provider === 'sqlite' ? `file:${resolve(given.slice('file:'.length))}` : given

export default {
  schema: join(here, provider),
  migrations: { path: join(here, provider, 'migrations') },
  datasource: { url }
}
