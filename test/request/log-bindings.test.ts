import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { browser, build, type BuildOptions } from '../kit/build.js'

type Line = Record<string, unknown> & { reqId?: string, msg?: string }

async function logged (t: Test, options: BuildOptions = {}) {
  const lines: Line[] = []
  const app = await build(t, {
    server: { logger: { level: 'info', stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } },
    ...options,
    after: app => {
      app.get('/say', async request => { request.log.info('handler'); await pause(5); return {} })
      app.get('/fail', async () => { throw new Error('broken') })
      app.get('/reply', async (request, reply) => { reply.log.info('by reply'); return {} })
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  const { impersonation } = (await sam.postJson('/impersonate/3/')).json()
  const bindings = { userId: '3', impersonatorId: '2', impersonationId: impersonation.id }
  /** The lines of the requests that this sends; a request has logged everything soon after its answer. */
  const linesOf = async (send: () => Promise<unknown>): Promise<Line[]> => {
    lines.length = 0
    await send()
    await pause(20)
    return lines.splice(0)
  }
  return { app, sam, bindings, linesOf }
}

t.test('handler lines, errors and request completed name who is at work', async t => {
  const { sam, bindings, linesOf } = await logged(t)
  for (const [url, message] of [['/say', 'handler'], ['/reply', 'by reply'], ['/fail', 'broken'], ['/nowhere', /not found/]] as const) {
    const lines = await linesOf(async () => await sam.getJson(url))
    t.match(lines.find(({ msg }) => typeof message === 'string' ? msg === message : message.test(String(msg))), { msg: message, ...bindings }, url)
    t.match(lines.find(({ msg }) => msg === 'request completed'), bindings)
    t.ok(lines.every(({ reqId }) => reqId !== undefined), 'with what was there before')
  }
})

t.test('nothing of it afterwards, on excluded paths, or on others\' interleaved requests', async t => {
  const { app, sam, bindings, linesOf } = await logged(t)
  const carl = browser(app)
  await carl.signIn(3)
  const lines = await linesOf(async () => { await Promise.all([sam.getJson('/say'), carl.getJson('/say'), sam.getJson('/say'), carl.getJson('/say')]) })
  const handlers = lines.filter(({ msg }) => msg === 'handler')
  t.equal(handlers.length, 4)
  t.equal(handlers.filter(({ impersonationId }) => impersonationId === bindings.impersonationId).length, 2)
  t.equal(handlers.filter(line => !('impersonatorId' in line) && !('userId' in line)).length, 2)

  const silent = async (url: string) => t.notOk((await linesOf(async () => await sam.getJson(url))).some(line => 'impersonationId' in line), url)
  await silent('/admin/who')
  await sam.postJson('/impersonate/stop/')
  await silent('/say')
})

t.test('an application without a log runs all the same', async t => {
  const { sam, linesOf } = await logged(t, { server: {} })
  t.same(await linesOf(async () => { t.match((await sam.getJson('/who')).json(), { user: 3 }) }), [])
})

t.test('a childLoggerFactory that gives every request the same logger', async t => {
  const lines: Line[] = []
  const app = await build(t, {
    server: {
      logger: { level: 'info', stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } },
      childLoggerFactory: logger => logger
    },
    after: app => { app.get('/say', async request => { request.log.info('handler'); return {} }) }
  })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  await sam.getJson('/say')
  t.match(lines.find(({ msg }) => msg === 'handler'), { impersonatorId: '2' })
  await sam.postJson('/impersonate/stop/')
  lines.length = 0
  await sam.getJson('/say')
  t.notOk('impersonatorId' in Object(lines.find(({ msg }) => msg === 'handler')))
})

t.test('people without a right are one line without a stack, what a hook of the application throws has its own', async t => {
  const lines: Array<Record<string, unknown>> = []
  const app = await build(t, {
    server: { disableRequestLogging: true, logger: { level: 'info', stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } },
    onSessionBegin () { throw Object.assign(new Error('Not now'), { statusCode: 403 }) }
  })
  const [carl, sam] = [browser(app), browser(app)]
  await carl.signIn(3)
  await sam.signIn(2)
  lines.length = 0
  t.equal((await carl.postJson('/impersonate/4/')).statusCode, 403)
  t.equal(lines.length, 1)
  t.match(lines, [{ level: 30, code: 'FST_IMPERSONATE_FORBIDDEN' }])
  t.notMatch(JSON.stringify(lines), 'stack')
  t.equal((await sam.postJson('/impersonate/3/')).statusCode, 403)
  t.match(lines.at(-1), { err: { code: 'FST_IMPERSONATE_ABORTED', stack: /Not now/ } })
})
