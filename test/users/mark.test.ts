import t from 'tap'
import { markFound, markFoundByParts, type Piece } from '../../dist/lib/users/mark.js'
import type { LookupType } from '../../dist/lib/types/index.js'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'

/** What was found in square brackets. */
const shown = (pieces: Piece[]) => pieces.map(({ text, isFound }) => isFound ? `[${text}]` : text).join('')

for (const [lookup, text, terms, marked] of [
  ['icontains', 'Carl Carlson', ['CAR'], '[Car]l [Car]lson'],
  ['icontains', 'anna', ['an', 'na'], '[anna]'],
  ['icontains', 'aaa', ['aa'], '[aaa]'],
  ['icontains', 'Émile', ['éM'], '[Ém]ile'],
  ['icontains', 'İstanbul', ['ist'], '[İst]anbul'],
  ['icontains', 'party🎉time', ['🎉t'], 'party[🎉t]ime'],
  ['icontains', 'carl', [], 'carl'],
  ['icontains', 'carl', ['carlo'], 'carl'],
  ['icontains', 'a.b%c', ['.', '%'], 'a[.]b[%]c'],
  ['contains', 'Carl', ['carl'], 'Carl'],
  ['contains', 'Carl', ['arl'], 'C[arl]'],
  ['istartswith', 'Carl Carlson', ['car'], '[Car]l Carlson'],
  ['startswith', 'Carl', ['car'], 'Carl'],
  ['iendswith', 'Carl Carlson', ['SON'], 'Carl Carl[son]'],
  ['endswith', 'sonson', ['son'], 'son[son]'],
  ['iexact', 'Carl', ['carl'], '[Carl]'],
  ['iexact', 'Carl', ['car'], 'Carl'],
  ['exact', 'Carl', ['Carl'], '[Carl]'],
  ['exact', '', ['Carl'], '']
] as Array<[LookupType, string, string[], string]>) {
  t.test(`${lookup} ${terms.join(' ')} in ${text}`, async t => { t.equal(shown(markFound(text, terms, lookup)), marked) })
}

t.test('a name is marked by the fields that it is put together from', async t => {
  t.equal(shown(markFoundByParts('Carl O\'Brien', ['Carl', 'O\'Brien'], ['o\'b'], 'istartswith')), 'Carl [O\'B]rien')
  t.equal(shown(markFoundByParts('Carl O\'Brien', ['Carl'], ['o\'b'], 'icontains')), 'Carl O\'Brien', 'a field that is not searched')
  t.equal(shown(markFoundByParts('🎉 Carl', ['Carl'], ['c'], 'icontains')), '🎉 [C]arl')
})

async function search (query: string, options: BuildOptions = {}) {
  const sam = browser(await build(t, { people: [...people(), person(7, 'zed', { firstName: 'Zed', lastName: 'Carlson', email: '<b>@example.com' })], ...options }))
  await sam.signIn(2)
  return (await sam.get(`/impersonate/search/?q=${query}`, { accept: 'text/html' })).body
}

t.test('the page marks what was found, wherever it was', async t => {
  const body = await search('carl')
  t.match(body, '<bdi><mark>Carl</mark> O&#39;Brien</bdi>')
  t.match(body, '<bdi>Zed <mark>Carl</mark>son</bdi>')
  t.match(body, '<bdi><mark>carl</mark>@example.com</bdi>')
  t.match(body, '<bdi>&lt;b&gt;@example.com</bdi>')
})

t.test('the page marks by the look-up that searched', async t => {
  const body = await search('Carl', { lookupType: 'startswith' })
  t.match(body, '<bdi>Zed <mark>Carl</mark>son</bdi>')
  t.match(body, '<bdi>carl@example.com</bdi>')
})

t.test('what every name says already has no column of its own', async t => {
  const columns = async (options: BuildOptions) => [...(await search('e', options)).matchAll(/<th scope="col" role="columnheader">([^<]+)/g)].map(([, name]) => name)
  t.same(await columns({}), ['Name', 'Username', 'E-mail'])
  t.same(await columns({ searchFields: ['firstName', 'lastName'] }), ['Name'])
  t.same(await columns({ searchFields: ['username'], displayName: user => `${user.username} (${user.email})` }), ['Name'])
  t.same(await columns({ searchFields: ['firstName', 'email'], displayName: user => String(user.username) }), ['Name', 'First name', 'E-mail'])
})

t.test('the page says who is what, and why somebody has no button', async t => {
  const ada = browser(await build(t))
  await ada.signIn(1)
  const rows = (await ada.get('/impersonate/list/', { accept: 'text/html' })).body.split('<tr role="row">').slice(2)
  const said = rows.map(row => [...row.matchAll(/class="badge (\w+)"|Cannot be impersonated|>Impersonate</g)].map(([whole, role]) => role ?? whole.replace('>', '').replace('<', '')))
  t.same(said, [
    ['self', 'superuser'], ['staff', 'Impersonate'], ['Impersonate'], ['Impersonate'], ['inactive', 'Cannot be impersonated'], ['superuser', 'Cannot be impersonated']
  ])
})
