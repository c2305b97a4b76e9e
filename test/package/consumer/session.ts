import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import impersonate, { memoryUsers } from 'fastify-impersonate'

declare module 'fastify' {
  interface Session { userId: string }
}

const app = Fastify()
await app.register(cookie)
await app.register(session, { secret: 'a secret of at least thirty-two characters', saveUninitialized: false })
await app.register(impersonate, { users: memoryUsers([{ id: '1', username: 'ada' }]) })
app.post('/login', async request => {
  request.session.set('userId', '1')
  // @ts-expect-error an id of another type
  request.session.set('userId', 1)
  return { userId: request.session.get('userId'), user: request.user?.username }
})
