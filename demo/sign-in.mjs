import { hashPassword, isPassword } from './passwords.mjs'

const text = { type: 'string', maxLength: 200 }

/** Signing in and out. Nothing here knows of impersonation. */
export function addSignIn (app, prisma) {
  const nobodysHash = hashPassword('')

  app.get('/login', async (request, reply) => await reply.view('login', { next: pathOf(request.query.next), failed: false }))

  app.post('/login', {
    schema: { body: { type: 'object', properties: { username: text, password: text }, required: ['username', 'password'] } }
  }, async (request, reply) => {
    const { username, password, next } = request.body
    const user = await prisma.user.findUnique({ where: { username } })
    // An unknown name takes as long as a wrong password.
    const isRight = await isPassword(password, user?.passwordHash ?? await nobodysHash)
    if (user === null || !isRight || !user.isActive) {
      return await reply.code(401).view('login', { next: pathOf(next), failed: true })
    }
    await request.session.regenerate()
    request.session.set('userId', user.id)
    return reply.redirect(pathOf(next))
  })

  app.post('/logout', async (request, reply) => {
    await request.session.destroy()
    return reply.redirect('/login')
  })
}

/** Where to go after signing in: a path of this application and nothing else. */
function pathOf (next) {
  const here = 'http://here.invalid'
  if (typeof next !== 'string' || !URL.canParse(next, here)) return '/'
  const { origin, pathname, search } = new URL(next, here)
  return origin === here && !pathname.startsWith('//') ? pathname + search : '/'
}
