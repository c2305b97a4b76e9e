// better-auth and its admin plugin over the same SQLite driver: `node better-auth.mjs <file> <users>`. Answers commands.
import { betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { fromNodeHeaders } from 'better-auth/node'
import { admin } from 'better-auth/plugins'
import Fastify from 'fastify'
import { connectSqlite } from '../database.mjs'
import { answerCommands } from './commands.mjs'
import { makeAuthTables } from './better-auth-tables.mjs'

const [file, users] = process.argv.slice(2)
const prisma = connectSqlite(file)
await prisma.$queryRawUnsafe('PRAGMA journal_mode = WAL')
await makeAuthTables(prisma, Number(users))

const auth = betterAuth({
  baseURL: 'http://localhost',
  secret: 'a secret of at least thirty-two characters',
  database: prismaAdapter(prisma, { provider: 'sqlite' }),
  emailAndPassword: { enabled: true },
  user: { modelName: 'authUser' },
  session: { modelName: 'authSession' },
  account: { modelName: 'authAccount' },
  verification: { modelName: 'authVerification' },
  rateLimit: { enabled: false },
  plugins: [admin()],
  telemetry: { enabled: false }
})

const app = Fastify()
app.get('/who', async request => {
  const found = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) })
  return { user: found?.user.id ?? null, impersonator: found?.session.impersonatedBy ?? null }
})

const { headers: signedUp, response: { user: { id: staffId } } } = await auth.api.signUpEmail({
  body: { name: 'Sam', email: 'sam@staff.example', password: 'correct horse battery' }, returnHeaders: true
})
await prisma.authUser.update({ where: { id: staffId }, data: { role: 'admin' } })
// A cookie is dropped and set again in one answer: the last one counts.
const cookie = headers => [...new Map(headers.getSetCookie().map(line => [line.split('=')[0], line.split(';')[0]])).values()].join('; ')
const { headers: impersonating } = await auth.api.impersonateUser({
  body: { userId: '3' }, headers: new Headers({ cookie: cookie(signedUp) }), returnHeaders: true
})
const headers = { cookie: cookie(impersonating) }

answerCommands({
  async request () {
    const { user, impersonator } = (await app.inject({ url: '/who', headers })).json()
    if (user !== '3' || impersonator !== staffId) throw new Error('The wrong person: ' + JSON.stringify({ user, impersonator }))
  }
})
