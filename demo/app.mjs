import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import session from '@fastify/session'
import view from '@fastify/view'
import { Eta } from 'eta'
import Fastify from 'fastify'
import impersonate, { prismaUsers } from 'fastify-impersonate'
import { addPages } from './pages.mjs'
import { addSignIn } from './sign-in.mjs'

const stylesheet = readFileSync(new URL('demo.css', import.meta.url))

/** The help desk: an ordinary application that knows `request.user`, and the plugin. */
export async function createApp ({ prisma, databaseUrl, ...options }) {
  const app = Fastify({ forceCloseConnections: true, ...options })
  await app.register(formbody)
  await app.register(view, {
    engine: { eta: new Eta() },
    root: fileURLToPath(new URL('views', import.meta.url)),
    defaultContext: { nameOf, url: name => app.impersonate.url(name) }
  })

  await app.register(cookie)
  // The sessions are in memory: who restarts the demo signs in again.
  await app.register(session, {
    secret: randomBytes(32).toString('hex'), cookie: { secure: 'auto', sameSite: 'lax' }, saveUninitialized: false, rolling: false
  })
  await app.register(impersonate, {
    users: prismaUsers(prisma.user),
    databaseUrl,
    redirectFieldName: 'next',
    useHttpReferer: true,
    maxDuration: 3600,
    banner: true,
    // Every start and stop here is a form, so that an address alone, such as one that a sign-in leads on to, always asks.
    startByGet: false
  })

  app.get('/demo.css', async (request, reply) => reply.type('text/css; charset=utf-8').send(stylesheet))
  addSignIn(app, prisma)
  addPages(app, prisma)
  return app
}

export function nameOf ({ firstName, lastName }) {
  return `${firstName} ${lastName}`
}
