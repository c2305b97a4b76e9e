import t from 'tap'
import { isSessionLost, sessionId, webSession } from '../../dist/lib/http/web-session.js'

const session = { get: () => {}, set: () => {} }

t.test('a web session is what can be read and written', async t => {
  t.equal(webSession({ session } as never), session as never)
  // Without a session plugin, after destroy(), and outside the session's cookie path.
  for (const none of [undefined, null, {}, { get: () => {} }, { set: () => {} }, { get: 1, set: 1 }, 'text']) t.equal(webSession({ session: none } as never), undefined)
})

t.test('a sign-in is identified by the id of the session that the browser brought', async t => {
  const headers = { cookie: 'other=1; sessionId=s-1.signature' }
  t.equal(sessionId({ headers, session: { ...session, sessionId: 's-1' } } as never), 's-1')
  t.equal(sessionId({ headers, session: { ...session, sessionId: 's-2' } } as never), null, 'a session made for this request alone')
  t.equal(sessionId({ headers: {}, session: { ...session, sessionId: 's-1' } } as never), null)
  for (const none of [session, { ...session, sessionId: 5 }, { sessionId: 's-1' }, null]) t.equal(sessionId({ headers, session: none } as never), null)
})

t.test('a session of @fastify/session\'s for https alone is lost on http', async t => {
  const secure = { ...session, cookie: { secure: true } }
  t.ok(isSessionLost({ protocol: 'http', session: secure } as never))
  t.notOk(isSessionLost({ protocol: 'https', session: secure } as never))
  t.notOk(isSessionLost({ protocol: 'http', session } as never))
  t.notOk(isSessionLost({ protocol: 'http' } as never), 'where there is none')
  t.notOk(isSessionLost({ protocol: 'http', session: { ...secure, delete: () => {} } } as never), 'a field of @fastify/secure-session\'s application')
})
