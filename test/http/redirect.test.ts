import fc from 'fast-check'
import Fastify, { type FastifyRequest } from 'fastify'
import t from 'tap'
import { isBelow, safePath, safeReferer } from '../../dist/lib/http/redirect.js'

const ORIGIN = 'https://app.example'
const runs = { numRuns: 5000 }

/** What people try, put together at random. */
const tricky = fc.array(fc.oneof(
  fc.constantFrom('/', '//', '\\', '/\\', '..', '.', '%2e', '%2E%2e', '%2f', '%5c', '%00', '\t', '\n', '\r', '\0', ' ', '@', ':', '?', '#', ';', '%',
    'evil.example', 'http:', 'https://', 'javascript:', 'impersonate', 'IMPERSONATE', '%69mpersonate', 'stop', 'list', '3', '%33', '。', '／', '＼', '\ud800'),
  fc.string({ maxLength: 4 }), fc.string({ unit: 'binary', maxLength: 4 })
), { maxLength: 12 }).map(parts => parts.join(''))
const asked = fc.oneof(tricky, tricky.map(text => `/${text}`))

t.test('whatever is asked for, a redirect leads to a path of this very origin', async t => {
  fc.assert(fc.property(asked, text => {
    const path = safePath(text, ['/impersonate'])
    return path === null || (path.startsWith('/') && new URL(path, ORIGIN).origin === ORIGIN && new URL(path, 'http://localhost:3000/a/b/').origin === 'http://localhost:3000')
  }), runs)
  t.pass()
})

t.test('a path that has been made safe stays as it is', async t => {
  fc.assert(fc.property(asked, text => {
    const path = safePath(text, ['/impersonate'])
    return path === null || safePath(path, ['/impersonate']) === path
  }), runs)
  t.pass()
})

t.test('whatever is asked for, no redirect leads to a route that starts or stops', async t => {
  for (const routerOptions of [{}, { caseSensitive: false, ignoreDuplicateSlashes: true, ignoreTrailingSlash: true, useSemicolonDelimiter: true }]) {
    const app = Fastify({ routerOptions })
    t.teardown(async () => { await app.close() })
    // Nobody's id is empty.
    const reached = async ({ params }: FastifyRequest) => Object(params).userId === '' ? 'harmless' : 'reached'
    app.get('/impersonate', async () => 'harmless')
    if (!('ignoreTrailingSlash' in routerOptions)) app.get('/impersonate/', async () => 'harmless')
    for (const page of ['list', 'search', 'log', 'sessions', 'status']) {
      for (const end of 'ignoreTrailingSlash' in routerOptions ? [''] : ['', '/']) app.get(`/impersonate/${page}${end}`, async () => 'harmless')
    }
    app.get('/impersonate/:userId', reached)
    if (!('ignoreTrailingSlash' in routerOptions)) app.get('/impersonate/:userId/', reached)
    await app.ready()
    const below = fc.oneof(asked, fc.tuple(fc.constantFrom('/impersonate/', '/IMPERSONATE/', '//impersonate//', '/x/../impersonate/', '/%69mpersonate/', '/impersonate;/'), tricky).map(([base, rest]) => base + rest))
    await fc.assert(fc.asyncProperty(below, async text => {
      const path = safePath(text, ['/impersonate'])
      return path === null || (await app.inject(path)).body !== 'reached'
    }), { numRuns: 3000 })
  }
})

t.test('a start or stop address is refused however it is written', async t => {
  for (const address of [
    '/impersonate/3', '/impersonate/3/', '/impersonate/stop/', '/impersonate/stop?x', '/impersonate/stop#x', '/IMPERSONATE/3', '/%69mpersonate/3', '/impersonate%2f3',
    '/impersonate//3', '/x/../impersonate/3', '/impersonate/./3', '/impersonate/list/../3', '/impersonate/%2e%2e/impersonate/3', '/x/..%2fimpersonate/3',
    '/impersonate/-/start/', '/impersonate/3;x', '/impersonate/;', '/impersonate/%2E%2e%5c', '/impersonate/%2e%2e%2f', '/impersonate/list;x', '/impersonate/list%3Fx', '/impersonate/list%2F3', '/impersonate/list%5C3', '/impersonate/log%2f3', '/impersonate/%ff', '/%69mpersonate/3%ff', '/impersonate/%'
  ]) t.equal(safePath(address, ['/impersonate']), null, address)
})

t.test('other pages of the plugin and of the application are fine', async t => {
  for (const address of [
    '/', '/a', '/a?b=c&d#e', '/a//b', '/impersonate', '/impersonate/', '/impersonate/list/', '/impersonate/search/?q=ada', '/impersonate/log/12/', '/impersonate/status',
    '/impersonated/3', '/x/impersonate/3', '/%C3%A9', '/%ff', '/a%20b', '/files/a%2Fb'
  ]) t.equal(safePath(address, ['/impersonate']), address, address)
})

t.test('a prefix is found with capital letters and escapes as well', async t => {
  t.equal(safePath('/Support/Mask/3', ['/support/mask']), null)
  t.equal(safePath('/support/mask/3', ['/Support/Mask']), null)
})

t.test('what is no path of this origin is refused', async t => {
  for (const address of [
    undefined, null, 5, '', 'a', '?a', '#a', '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/..//evil.example', '/.//evil.example',
    '/%2e%2e//evil.example', 'https://evil.example/', 'javascript:alert(1)', ' /a', '/\t/evil.example', '/a\nb', '/a\\b', '/\0'
  ]) t.equal(safePath(address, ['/impersonate']), null, String(address))
})

t.test('a path is below the prefix however it is written', async t => {
  for (const path of ['/impersonate', '/impersonate?a', '/Impersonate/list/', '/x/../impersonate/', '/%69mpersonate#a']) t.ok(isBelow(path, '/impersonate'), path)
  for (const path of ['/', '/impersonated', '/x/impersonate', '/?/impersonate']) t.notOk(isBelow(path, '/impersonate'), path)
})

t.test('a referer gives its path and query where it is of this host', async t => {
  const of = (referer: string | undefined, host = 'app.example') => safeReferer(referer, host, ['/impersonate'])
  t.equal(of('https://app.example/a?b=c#d'), '/a?b=c')
  t.equal(of('https://app.example:443/a'), '/a')
  t.equal(of('http://app.example/a', 'app.example:80'), '/a')
  t.equal(of('https://app.example/impersonate/list/'), '/impersonate/list/')
  for (const referer of [
    undefined, '', 'rubbish', '/a', 'https://evil.example/a', 'https://app.example.evil.example/a', 'https://app.example@evil.example/a', 'http://app.example:8080/a',
    'https://app.example//evil.example', 'https://app.example/impersonate/3/', 'about:blank', 'http://app.example:99999/', 'data:text/html,x', 'file:///a', 'blob:https://app.example/x'
  ]) t.equal(of(referer), null, String(referer))
  for (const host of ['', ':', 'a b', '/', 'other.example']) t.equal(of('https://app.example/a', host), null, host)
})

t.test('no referer and no host makes a redirect fail or leave this origin', async t => {
  fc.assert(fc.property(fc.oneof(fc.webUrl(), tricky.map(text => `https://app.example/${text}`), tricky), fc.oneof(fc.constant('app.example'), tricky), (referer, host) => {
    const path = safeReferer(referer, host, ['/impersonate'])
    return path === null || new URL(path, ORIGIN).origin === ORIGIN
  }), runs)
  t.pass()
})

t.test('a user whose id is a page\'s name in another case is a start as well', async t => {
  t.equal(safePath('/impersonate/list/', ['/impersonate']), '/impersonate/list/')
  t.equal(safePath('/impersonate/LIST/', ['/impersonate']), null)
  t.equal(safePath('/IMPERSONATE/3/', ['/impersonate']), null)
})
