import { nameOf } from './app.mjs'

const PER_PAGE = 20

/** The help desk's pages: they show and change what `request.user` has, whoever that is. */
export function addPages (app, prisma) {
  app.register(async function signedInPages (scope) {
    scope.addHook('onRequest', async function askToSignIn (request, reply) {
      if (request.user === null) return reply.redirect(`/login?${new URLSearchParams({ next: request.method === 'GET' ? request.url : '/' })}`)
    })

    scope.get('/', async (request, reply) => await reply.view('dashboard', { notes: await notesOf(request.user, 3) }))

    scope.get('/notes', async (request, reply) => await reply.view('notes', { notes: await notesOf(request.user, 50) }))

    scope.post('/notes', {
      schema: { body: { type: 'object', properties: { text: { type: 'string', pattern: '\\S', maxLength: 500 } }, required: ['text'] } }
    }, async (request, reply) => {
      const { user, impersonator } = request
      await prisma.note.create({
        data: { text: request.body.text, ownerId: user.id, writtenBy: impersonator === null ? null : nameOf(impersonator) }
      })
      return reply.redirect('/notes')
    })

    scope.get('/account', async (request, reply) => await reply.view('account'))

    scope.get('/admin-users', {
      schema: { querystring: { type: 'object', properties: { page: { type: 'integer', minimum: 1, maximum: 100000, default: 1 } } } },
      onRequest: staffOnly
    }, async (request, reply) => {
      const { page } = request.query
      const [rows, count] = await Promise.all([
        prisma.user.findMany({ orderBy: { id: 'asc' }, skip: (page - 1) * PER_PAGE, take: PER_PAGE }),
        prisma.user.count()
      ])
      const users = await Promise.all(rows.map(async user => ({
        ...user, link: await app.impersonate.link(request, user, { next: '/', text: 'See it as they do' })
      })))
      return await reply.view('admin-users', { users, count, page, hasNext: page * PER_PAGE < count })
    })

    // Below `admin/`, which `uriExclusions` names by default: here everybody is who they really are.
    scope.get('/admin/', { onRequest: staffOnly }, async (request, reply) => {
      const notes = await prisma.note.findMany({ orderBy: { id: 'desc' }, take: 20, include: { owner: true } })
      return await reply.view('admin', { notes })
    })

    async function staffOnly (request, reply) {
      if (!request.user.isStaff) return await reply.code(403).view('forbidden')
    }
  })

  async function notesOf (user, take) {
    return await prisma.note.findMany({ where: { ownerId: user.id }, orderBy: { id: 'desc' }, take, include: { owner: true } })
  }
}
