import Fastify from 'fastify'
import impersonate, { memoryUsers, type User } from 'fastify-impersonate'

const app = Fastify()
await app.register(impersonate, { users: memoryUsers([{ id: 1, username: 'ada' }]) })
app.get('/', async request => {
  const user: User | null = request.user
  const name: string | null | undefined = request.impersonator?.username
  // @ts-expect-error no such field before Register says so
  const team: string = request.user?.team
  return { user, name, team, url: app.impersonate.url('list') }
})
