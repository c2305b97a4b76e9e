import t from 'tap'
import { startAddress, urlOf } from '../../dist/lib/http/urls.js'

const settings = { base: '/support/mask' }

t.test('every page has its address', async t => {
  for (const name of ['stop', 'list', 'search', 'log', 'sessions', 'status'] as const) t.equal(urlOf(settings, name, undefined), `/support/mask/${name}/`)
})

t.test('what is no page has no address', async t => {
  for (const name of ['lst', '-', '', 'constructor', undefined, 3]) {
    t.throws(() => urlOf(settings, name as never, '3'), { code: 'FST_IMPERSONATE_INVALID_OPTION' }, String(name))
  }
  t.throws(() => urlOf(settings, 'lst' as never, null), { message: 'url takes one of start, stop, list, search, log, sessions, status, and got lst' })
})

t.test('a start has the user\'s id in its address, escaped', async t => {
  for (const [id, address] of [[3, '3'], [4n, '4'], ['a/b?c', 'a%2Fb%3Fc'], ['é', '%C3%A9'], ['...', '...']] as const) t.equal(urlOf(settings, 'start', id), `/support/mask/${address}/`)
  for (const id of [undefined, null, '']) t.throws(() => urlOf(settings, 'start', id), TypeError)
})

t.test('a user whose id is a page\'s name, or dots, is started by a field', async t => {
  for (const id of ['list', 'STOP', '-', 'sessions', '.', '..']) {
    t.same(startAddress(settings, id, null), { action: '/support/mask/-/start/', fields: { userId: id } })
  }
})

t.test('a user whose id is longer than a part of a path may be is started by a field', async t => {
  for (const id of ['x'.repeat(101), 'é'.repeat(17)]) {
    t.same(startAddress(settings, id, '/x'), { action: '/support/mask/-/start/', fields: { userId: id, next: '/x' } })
  }
  t.equal(startAddress(settings, 'x'.repeat(100), null).action, `/support/mask/${'x'.repeat(100)}/`)
})

t.test('where to go after a start is a field of its form', async t => {
  t.same(startAddress(settings, '3', '/x'), { action: '/support/mask/3/', fields: { next: '/x' } })
  t.same(startAddress(settings, 'list', '/x').fields, { userId: 'list', next: '/x' })
})
