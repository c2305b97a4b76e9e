import Fastify from 'fastify'
import { request } from 'node:http'
import t from 'tap'
import { pathMatcher, routedPath } from '../../dist/lib/http/paths.js'

const strict = { caseSensitive: true, ignoreDuplicateSlashes: false, useSemicolonDelimiter: false, ignoreTrailingSlash: false }

t.test('a path is what the router reads: no scheme, host, query or leading slashes', async t => {
  for (const [url, path] of [
    ['/admin/x', 'admin/x'], ['/admin/x?y=/z', 'admin/x'], ['/admin/x#y', 'admin/x'], ['http://host/admin/x', 'admin/x'], ['https://u:p@host:80/admin/x?y', 'admin/x'],
    ['http://host', ''], ['http://host?x', ''], ['/', ''], ['', ''], ['*', '*'], ['//admin/x', 'admin/x'], ['/a//b', 'a//b'], ['/a;b', 'a;b'], ['/a?b#c', 'a']
  ] as const) t.equal(routedPath(url, strict), path, url)
})

t.test('a path is decoded once, as the router does', async t => {
  for (const [url, path] of [
    ['/%61dmin/x', 'admin/x'], ['/%2561dmin', '%61dmin'], ['/%C3%A9', 'é'], ['/a%2Fb', 'a%2Fb'], ['/a%3Fb', 'a%3Fb'], ['/%zz', '%zz'], ['/%ff', '%ff']
  ] as const) t.equal(routedPath(url, strict), path, url)
})

t.test('duplicate slashes and semicolons follow the router\'s options', async t => {
  t.equal(routedPath('/admin//x///y', { ...strict, ignoreDuplicateSlashes: true }), 'admin/x/y')
  t.equal(routedPath('/admin/x;y=1', { ...strict, useSemicolonDelimiter: true }), 'admin/x')
})

t.test('a pattern gives the same answer each time, whatever its flags', async t => {
  for (const flags of ['', 'g', 'y', 'gy', 'i', 'u', 'giy']) {
    const matches = pathMatcher([new RegExp('admin/', flags)], strict)
    for (let time = 0; time < 4; time++) t.ok(matches('admin/x'), flags)
  }
})

t.test('the flag y keeps its anchor', async t => {
  t.notOk(pathMatcher([/admin\//y], strict)('x/admin/'))
  t.ok(pathMatcher([/admin\//g], strict)('x/admin/'))
  t.ok(pathMatcher([/a|admin/y], strict)('admin'))
  t.notOk(pathMatcher([/b|admin/y], strict)('x/admin'))
})

t.test('case counts where it does for the router', async t => {
  t.notOk(pathMatcher([/^admin\//], strict)('ADMIN/x'))
  t.ok(pathMatcher([/^admin\//], { ...strict, caseSensitive: false })('ADMIN/x'))
  t.ok(pathMatcher([/^admin\//i], { ...strict, caseSensitive: false })('ADMIN/x'))
  t.ok(pathMatcher([/^admin\//i], strict)('ADMIN/x'))
})

t.test('any of several patterns is enough, and none matches nothing', async t => {
  const matches = pathMatcher([/^a\//, /^b\//], strict)
  t.same(['a/x', 'b/x', 'c/x'].map(matches), [true, true, false])
  t.notOk(pathMatcher([], strict)(''))
})

t.test('every address that reaches a route is read as that route\'s path', async t => {
  const addresses = [
    '/admin/x', '/%61dmin/x', '/admin/%78', 'http://host/admin/x', 'http://host:80/admin/x?y', '/ADMIN/x', '/Admin/x', '//admin/x', '/admin//x', '/admin/x;y', '/admin/x?y',
    '/%2561dmin/x', '/admin%2Fx', '/admin%3Bx', '/admin/x%3Fy', '/admin/x%23y'
  ]
  for (const rules of [
    strict, { ...strict, caseSensitive: false }, { ...strict, ignoreDuplicateSlashes: true }, { ...strict, useSemicolonDelimiter: true },
    { caseSensitive: false, ignoreDuplicateSlashes: true, useSemicolonDelimiter: true, ignoreTrailingSlash: true }
  ]) {
    const app = Fastify({ routerOptions: rules })
    t.teardown(async () => { await app.close() })
    app.get('/admin/:rest', async () => 'reached')
    const isExcluded = pathMatcher([/^admin\//], rules)
    app.addHook('onRequest', async (request, reply) => { reply.header('excluded', String(isExcluded(routedPath(request.raw.url ?? '', rules)))) })
    for (const url of addresses) {
      const reached = await ask(app, url)
      if (reached.body === 'reached') t.equal(reached.excluded, 'true', `${url} ${JSON.stringify(rules)}`)
    }
  }
})

/** Over a real socket, so that the address arrives as it is written. */
async function ask (app: ReturnType<typeof Fastify>, path: string): Promise<{ body: string, excluded: unknown }> {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' })
  const [address] = app.addresses()
  return await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: address?.port, path, agent: false }, answer => {
      let body = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => { body += chunk })
      answer.on('end', () => { resolve({ body, excluded: answer.headers['excluded'] }) })
    }).on('error', reject).end()
  })
}
