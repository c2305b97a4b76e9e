import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createLanguage } from '../dist/lib/messages/language.js'
import german from '../dist/lib/messages/de.js'
import { english } from '../dist/lib/messages/en.js'
import type { EndReason } from '../dist/lib/types/index.js'
import { root } from './kit/built.js'
import { browser, build, people, person } from './kit/build.js'

const html = { accept: 'text/html' }
const now = Date.parse('2026-03-01T12:00:00Z')
const inEnglish = createLanguage({}, () => now)
const inGerman = createLanguage(german, () => now)
const ago = (seconds: number) => new Date(now - seconds * 1000)

t.test('the pages are in English, and say so', async t => {
  const sam = browser(await build(t))
  await sam.signIn(2)
  const { body } = await sam.get('/impersonate/search/?q=carl', html)
  t.match(body, '<html lang="en" dir="ltr">')
  t.match(body, '1 person matches “carl”')
})

t.test('all of them are in German with the German texts', async t => {
  const ada = browser(await build(t, { messages: german, displayName: user => String(user.username) }))
  await ada.signIn(1)
  const list = (await ada.get('/impersonate/list/', html)).body
  t.match(list, '<html lang="de" dir="ltr">')
  t.match(list, '6 Personen')
  t.match(list, 'Gesucht wird in Benutzername, Vorname, Nachname oder E-Mail.')
  t.match((await ada.get('/impersonate/99/', html)).body, /<h1>Nicht gefunden<\/h1>\s*<p>Eine solche Person/)
  await ada.post('/impersonate/3/')
  await ada.post('/impersonate/stop/')
  t.match((await ada.get('/impersonate/log/', html)).body, /vor \d+ Sekunden?|jetzt/)
  t.match((await ada.get('/impersonate/log/', html)).body, 'Beendet')
  t.match((await ada.get('/impersonate/sessions/', html)).body, 'Zurzeit läuft keine Stellvertretung')
})

t.test('German has every text, with what is filled in', async t => {
  const filled = (message: unknown) => new Set(JSON.stringify(message).match(/\{\w+\}/g))
  for (const [key, message] of Object.entries(english)) t.same(filled(Reflect.get(german, key)), filled(message), key)
  t.strictSame(Object.keys(german), Object.keys(english))
})

t.test('a text of one\'s own replaces the one of its name, and no other', async t => {
  const sam = browser(await build(t, { messages: { 'find.title': 'Whom to help?', 'find.submit': undefined, 'field.email': 'Address' } as never }))
  await sam.signIn(2)
  const { body } = await sam.get('/impersonate/list/', html)
  t.match(body, '<h1>Whom to help?</h1>')
  t.match(body, '>Search</button>')
  t.match(body, '>Address</th>')
})

t.test('a search field without a text is called by its name', async t => {
  t.equal(inEnglish.fieldName('phoneNumber'), 'Phone number')
  t.equal(inEnglish.fieldName('line2Text'), 'Line2 text')
  t.equal(inEnglish.fieldName('home_town'), 'Home town')
  t.equal(createLanguage({ 'field.home_town': 'From' }).fieldName('home_town'), 'From')
  t.equal(createLanguage({ 'field.home_town': { other: 'x' } }).fieldName('home_town'), 'Home town')
})

for (const [messages, name, words] of [
  ['de', 'messages', 'an object of texts'],
  [{ 'find.titel': 'x' }, 'messages.find.titel', 'did you mean "find.title"?'],
  [{ 'find.title': 5 }, 'messages.find.title', 'a text, but got 5'],
  [{ 'find.title': { other: 'x' } }, 'messages.find.title', 'a text, but got'],
  [{ 'find.count': { one: 'x' } }, 'messages.find.count', 'one for each plural form'],
  [{ 'find.count': { other: 'x', several: 'y' } }, 'messages.find.count', 'one for each plural form'],
  [{ 'find.count': { other: '{counts}' } }, 'messages.find.count', 'a text with {count}, but got \'{counts}\''],
  [{ 'find.title': 'Hello {name}' }, 'messages.find.title', 'a text without braces'],
  [{ 'field.phone': 5 }, 'messages.field.phone', 'a text, but got 5'],
  [{ lang: 'no language' }, 'messages.lang', 'a language tag'],
  [{ dir: 'left' }, 'messages.dir', 'one of ltr, rtl']
] as Array<[never, string, string]>) {
  t.test(`the option messages refuses ${JSON.stringify(messages)}`, async t => {
    const refused = await build(t, { messages }).then(() => null, (error: unknown) => error)
    t.match(refused, { code: 'FST_IMPERSONATE_INVALID_OPTION' })
    t.match(String(refused), `"${name}"`)
    t.match(String(refused), words)
  })
}

t.test('a text that is not there is an error, not an empty place', async t => {
  t.throws(() => inEnglish.t('find.nothing' as 'find.title'), new TypeError('There is no message "find.nothing"'))
})

t.test('plurals and numbers are those of the language', async t => {
  t.equal(inEnglish.t('find.count', { count: 1 }), '1 person')
  t.equal(inEnglish.t('find.countMore', { count: 1000 }), '1,000+ people')
  t.equal(inGerman.t('find.countMore', { count: 1000 }), 'Mehr als 1.000 Personen')
  t.equal(inGerman.format.number(1234.5), '1.234,5')
  const polish = createLanguage({ lang: 'pl', 'find.count': { one: '{count} osoba', few: '{count} osoby', other: '{count} osób' } })
  t.same([1, 3, 5].map(count => polish.t('find.count', { count })), ['1 osoba', '3 osoby', '5 osób'])
})

t.test('what is not given is left as it is', async t => {
  t.equal(inEnglish.t('find.matches', { count: 2 }), '2 people match “{query}”')
})

t.test('a name that is written the other way does not turn the sentence around', async t => {
  t.equal(inEnglish.t('nav.me', { name: 'Carl' }), 'Signed in as Carl')
  t.equal(inEnglish.t('nav.me', { name: 'ליאור' }), 'Signed in as \u2068ליאור\u2069')
  const hebrew = createLanguage({ lang: 'he', dir: 'rtl' })
  t.equal(hebrew.t('nav.me', { name: 'Carl' }), 'Signed in as \u2068Carl\u2069')
  t.equal(hebrew.t('nav.me', { name: 'ליאור' }), 'Signed in as ליאור')
})

t.test('times are as far away as people say', async t => {
  t.same([0, 1, 59, 60, 3600, 86_400, 2 * 86_400, 29 * 86_400].map(seconds => inEnglish.format.ago(ago(seconds))),
    ['now', '1 second ago', '59 seconds ago', '1 minute ago', '1 hour ago', 'yesterday', '2 days ago', '29 days ago'])
  t.equal(inEnglish.format.ago(ago(-3600).toISOString()), 'in 1 hour')
  t.equal(inEnglish.format.ago(ago(40 * 86_400)), 'Jan 20, 2026')
  t.equal(inGerman.format.ago(ago(120)), 'vor 2 Minuten')
  t.equal(inEnglish.format.exact(ago(0)).replaceAll('\u202f', ' '), 'Mar 1, 2026, 12:00:00 PM UTC')
})

t.test('durations are in words, the two largest units of them', async t => {
  t.same([0, 59, 60, 61, 3600, 3661, 90_061, 86_459].map(inEnglish.format.duration),
    ['0 sec', '59 sec', '1 min', '1 min 1 sec', '1 hr', '1 hr 1 min', '1 day 1 hr', '1 day'])
})

t.test('every reason for an end has its words', async t => {
  const reasons: EndReason[] = ['stopped', 'replaced', 'expired', 'idle', 'revoked', 'logout', 'impersonator_denied', 'impersonator_inactive', 'impersonator_deleted', 'target_denied', 'target_inactive', 'target_deleted', 'aborted', 'abandoned', 'target_signed_in', 'added']
  for (const reason of reasons) t.ok(inEnglish.t(`endReason.${reason}`) !== inEnglish.t(`ended.${reason}`), reason)
})

t.test('every text is used, and every text that a template names is there', async t => {
  const files = [...readdirSync(join(root, 'views')).filter(file => file.endsWith('.eta')).map(file => join(root, 'views', file)), join(root, 'lib/routes/failure.ts'), join(root, 'lib/messages/language.ts'), join(root, 'lib/api.ts')]
  const source = files.map(file => readFileSync(file, 'utf8')).join('\n')
  const named = new Set(source.match(/(?<=')[a-z][A-Za-z]+\.[A-Za-z.]+(?=')/g))
  for (const key of named) if (!key.startsWith('./')) t.ok(inEnglish.has(key) || key.endsWith('.'), key)
  // Put together: the reasons, roles, places, fields, counts and titles.
  const composed = /^(endReason|ended|role|nav|field|error|banner)\.|More$|^(lang|dir)$/
  for (const key of Object.keys(english)) t.ok(composed.test(key) || named.has(key), key)
})

t.test('names of people are text in every language', async t => {
  const sam = browser(await build(t, { messages: german, people: [...people(), person(7, '<b>', { firstName: '{name}' })] }))
  await sam.signIn(2)
  t.match((await sam.get('/impersonate/7/', html)).body, 'Die Anwendung als {name} sehen?')
})
