import t from 'tap'
import { memoryUsers } from '../../dist/index.js'
import type { LookupType } from '../../dist/lib/types/index.js'
import { termsOf } from '../../dist/lib/users/terms.js'
import { browser, build, people } from '../kit/build.js'

t.test('words that are found wherever another one is are not sought', t => {
  for (const [query, lookup, terms] of [
    ['', 'icontains', []], ['  ', 'icontains', []], [' ada  lovelace ', 'icontains', ['ada', 'lovelace']],
    ['a ada ADA lace lovelace', 'icontains', ['ADA', 'lovelace']], ['a ada ADA', 'contains', ['ada', 'ADA']],
    ['É école', 'icontains', ['É', 'école']], ['é école', 'icontains', ['école']],
    ['lo lovelace lace', 'startswith', ['lovelace', 'lace']], ['LO lovelace lace', 'istartswith', ['lovelace', 'lace']],
    ['lo lovelace lace', 'endswith', ['lo', 'lovelace']], ['lo lovelace LACE', 'iendswith', ['lo', 'lovelace']],
    ['a ada a', 'exact', ['a', 'ada']], ['a ada A', 'iexact', ['A', 'ada']],
    ['1 12', 'icontains', ['1', '12']], ['1 1 a1', 'icontains', ['a1']], ['4 -4 4.5', 'icontains', ['4', '-4', '4.5']]
  ] as Array<[string, LookupType, string[]]>) t.strictSame(termsOf(query, lookup), terms, `${query}, ${lookup}`)
  t.end()
})

t.test('however many words are typed, the work has an end', async t => {
  const letters = Array.from({ length: 100 }, (unused, n) => String.fromCodePoint(0x4e00 + n))
  t.strictSame(termsOf(letters.join(' '), 'icontains'), letters.slice(0, 12))
  t.strictSame(termsOf('a '.repeat(100), 'icontains'), ['a'])
  const sought: number[] = []
  const users = memoryUsers<any>(people())
  const app = await build(t, {
    users: { ...users, findPage: async (query: any) => { sought.push(query.terms.length); return await users.findPage(query) } }
  })
  const sam = browser(app)
  await sam.signIn(2)
  t.equal((await sam.getJson(`/impersonate/search/?q=${encodeURIComponent(letters.join(' '))}`)).statusCode, 200)
  t.match((await sam.getJson('/impersonate/search/?q=c%20ca%20carl%20CARL%20l')).json(), { users: [{ id: '3' }] })
  t.strictSame(sought, [12, 1])
})
