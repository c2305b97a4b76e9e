import t from 'tap'
import { isCrossSite, isOwnNavigation } from '../../dist/lib/http/origin.js'
import { browser, build } from '../kit/build.js'

const trusted = new Set(['https://admin.example.com', 'null-is-no-origin'])

for (const [headers, isForeign] of [
  [{}, false],
  [{ 'sec-fetch-site': 'same-origin' }, false],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-site': 'same-site' }, true],
  [{ 'sec-fetch-site': 'cross-site' }, true],
  [{ 'sec-fetch-site': 'rubbish' }, true],
  [{ 'sec-fetch-site': '' }, true],
  [{ 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }, true],
  [{ 'sec-fetch-site': 'cross-site', origin: 'https://admin.example.com' }, false],
  [{ 'sec-fetch-site': 'same-origin', origin: 'null' }, false],
  [{ origin: 'https://admin.example.com' }, false],
  [{ origin: 'http://admin.example.com' }, true],
  [{ origin: 'https://app.example' }, false],
  [{ origin: 'http://app.example' }, false],
  [{ origin: 'https://app.example:443' }, false],
  [{ origin: 'http://app.example:80' }, false],
  [{ origin: 'https://APP.example' }, false],
  [{ origin: 'https://app.example:8443' }, true],
  [{ origin: 'https://evil.example' }, true],
  [{ origin: 'https://app.example.evil.example' }, true],
  [{ origin: 'null' }, true],
  [{ origin: '' }, true],
  [{ origin: 'rubbish' }, true],
  [{ origin: 'file://' }, true]
] as const) {
  t.test(`a POST with ${JSON.stringify(headers)} is ${isForeign ? '' : 'not '}from another site`, async t => {
    t.equal(isCrossSite('POST', headers, 'app.example', trusted), isForeign)
  })
}

t.test('a port counts, and a default one is dropped on both sides', async t => {
  t.notOk(isCrossSite('POST', { origin: 'http://app.example:3000' }, 'app.example:3000', trusted))
  t.ok(isCrossSite('POST', { origin: 'http://app.example:3000' }, 'app.example', trusted))
  t.notOk(isCrossSite('POST', { origin: 'http://app.example' }, 'app.example:80', trusted))
  t.notOk(isCrossSite('POST', { origin: 'http://[::1]:3000' }, '[::1]:3000', trusted))
})

t.test('a host that is none is nobody\'s', async t => {
  for (const host of ['', ':', 'a b', '/']) t.ok(isCrossSite('POST', { origin: 'https://app.example' }, host, trusted), host)
})

t.test('every unsafe method counts, and no safe one', async t => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) t.ok(isCrossSite(method, { origin: 'null' }, 'app.example', trusted), method)
  for (const method of ['GET', 'HEAD', 'OPTIONS']) t.notOk(isCrossSite(method, { origin: 'null' }, 'app.example', trusted), method)
})

const navigation = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

t.test('a navigation from a page of this origin is proven by three headers', async t => {
  t.ok(isOwnNavigation(navigation))
  t.notOk(isOwnNavigation({}))
})

for (const change of [
  { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-mode': 'cors' }, { 'sec-fetch-mode': 'no-cors' },
  { 'sec-fetch-dest': 'iframe' }, { 'sec-fetch-dest': 'empty' }, { 'sec-fetch-dest': 'image' }, { 'sec-purpose': 'prefetch' }, { 'sec-purpose': 'prefetch;prerender' },
  { purpose: 'prefetch' }, { 'x-moz': 'prefetch' }
]) {
  t.test(`a navigation with ${JSON.stringify(change)} is not proven`, async t => {
    t.notOk(isOwnNavigation({ ...navigation, ...change }))
  })
}

t.test('a start from another site is refused, from a trusted one it is not', async t => {
  const app = await build(t, { trustedOrigins: ['https://admin.example.com'] })
  const ada = browser(app)
  await ada.signIn(1)
  const foreign = await ada.post('/impersonate/3/', {}, { origin: 'https://evil.example', accept: 'application/json' })
  t.match({ status: foreign.statusCode, body: foreign.json() }, { status: 403, body: { code: 'FST_IMPERSONATE_CROSS_SITE' } })
  t.equal((await ada.post('/impersonate/3/', undefined, { origin: 'https://admin.example.com', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' })).statusCode, 302)
})
