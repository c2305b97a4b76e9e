// An application with sessions and a sign-in: `node plain.mjs with own` has the plugin, over the PrismaClient that the application has in any
// case; `without own` has not. With `embedded` the application has no Prisma itself, and the plugin brings its own.
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { openSqlite } from '../database.mjs'
import { answerLines, inFolder } from '../measure.mjs'

const people = Array.from({ length: 1000 }, (unused, index) => ({ id: index, username: `user ${index}`, isActive: true, isStaff: false, isSuperuser: false }))
const signedIn = request => people[request.session.get('userId')] ?? null

await inFolder(async folder => {
  const [, , variant, log] = process.argv
  const prisma = log === 'own' ? await openSqlite(`${folder}/application.db`, {}) : undefined
  const app = Fastify({ logger: false })
  await app.register(cookie)
  await app.register(session, { secret: 'a secret of at least thirty-two characters', cookie: { secure: false }, saveUninitialized: false, rolling: false })
  if (variant === 'with') {
    await app.register(impersonate, { users: memoryUsers(people), getRealUser: signedIn, ...prisma === undefined ? { databaseUrl: `file:${folder}/log.db` } : { prisma } })
  } else {
    app.decorateRequest('user', null)
    app.addHook('onRequest', (request, reply, done) => {
      request.user = signedIn(request)
      done()
    })
  }
  app.post('/sign-in', async request => {
    request.session.set('userId', 7)
    return {}
  })
  app.get('/', async ({ user }) => ({ hello: user.username }))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const { headers } = await app.inject({ method: 'POST', url: '/sign-in' })
  const [signIn] = String(headers['set-cookie']).split(';')
  // A browser has other cookies as well.
  await answerLines({ url, cookie: `theme=dark; ${signIn}` }, () => process.cpuUsage())
})
