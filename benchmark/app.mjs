import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import impersonate, { prismaUsers } from '../dist/index.js'

/** An application with a sign-in, the plugin, and a route that says who a request runs as. */
export async function createApp ({ prisma, store, ...options }) {
  const app = Fastify({ logger: false })
  await app.register(cookie)
  await app.register(session, {
    secret: 'a secret of at least thirty-two characters',
    cookie: { secure: 'auto', sameSite: 'lax' },
    saveUninitialized: false,
    rolling: false,
    ...(store === undefined ? {} : { store })
  })
  await app.register(impersonate, { prisma, users: prismaUsers(prisma.user, { table: 'User' }), ...options })
  app.post('/sign-in/:id', async request => {
    request.session.set('userId', request.params.id)
    return {}
  })
  app.get('/who', async ({ user, impersonator }) => ({ user: user?.id ?? null, impersonator: impersonator?.id ?? null }))
  await app.ready()
  return app
}

/** Somebody's browser, whose requests go to the application without a socket. */
export function jarOf (app) {
  const jar = new Map()
  return {
    async send (method, url) {
      const cookies = [...jar].map(pair => pair.join('=')).join('; ')
      const response = await app.inject({ method, url, headers: { accept: 'application/json', cookie: cookies } })
      for (const { name, value } of response.cookies) {
        if (value === '') jar.delete(name)
        else jar.set(name, encodeURIComponent(value))
      }
      return response
    }
  }
}
