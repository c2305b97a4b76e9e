import Fastify from 'fastify'
import impersonate, { memoryUsers, type AnyReply, type AnyRequest } from 'fastify-impersonate'

const app = Fastify({ http2: true })
await app.register(impersonate, {
  users: memoryUsers([{ id: 1, username: 'ada' }]),
  readOnly: request => request.headers['x-device'] === 'phone'
})
app.post<{ Params: { id: string } }>('/as/:id', async (request, reply) => {
  const { impersonation } = await app.impersonate.start(request, reply, request.params.id)
  return { id: impersonation.id, allowed: await app.impersonate.isAllowed(request) }
})
app.get('/', { config: { impersonation: 'deny' } }, async request => ({
  user: request.user?.username,
  impersonator: request.impersonator?.username,
  banner: app.impersonate.banner(request),
  isStale: app.impersonate.isStale(request, 'none'),
  allowed: await app.impersonate.isAllowedFor(request, { id: 1 }),
  link: await app.impersonate.link(request, { id: 1 })
}))
export async function leave (request: AnyRequest, reply: AnyReply): Promise<string> {
  const { user } = await app.impersonate.stop(request, reply)
  return user?.username ?? app.impersonate.script(request)
}
