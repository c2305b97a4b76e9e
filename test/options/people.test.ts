import t from 'tap'
import { createPeople } from '../../dist/lib/options/people.js'

const people = createPeople({})

t.test('a name is the full name, else the username, else the email, else the id', async t => {
  for (const [user, name] of [
    [{ id: 1, firstName: ' Ada ', lastName: 'Lovelace', username: 'ada' }, 'Ada Lovelace'],
    [{ id: 1, firstName: 'Ada' }, 'Ada'],
    [{ id: 1, lastName: 'Lovelace' }, 'Lovelace'],
    [{ id: 1, firstName: ' ', lastName: null, username: 'ada', email: 'a@b' }, 'ada'],
    [{ id: 1, username: '', email: 'a@b' }, 'a@b'],
    [{ id: 12n }, '12']
  ] as const) t.equal(people.nameOf(user), name)
})

t.test('an id is a text, and a user without one is refused', async t => {
  t.same([{ id: 1 }, { id: 'a' }, { id: 2n ** 60n }, { id: 0 }].map(user => people.idOf(user)), ['1', 'a', '1152921504606846976', '0'])
  class ObjectId { toString () { return '65a' } }
  for (const [id, kind] of [[undefined, 'undefined'], [null, 'null'], ['', 'an empty text'], [{}, 'an object'], [true, 'true'], [new ObjectId(), 'an instance of ObjectId']]) {
    const message = `Impersonation is not available right now: "userId" gave ${kind} and no text or number; set that option, such as user => String(user.id)`
    t.throws(() => people.idOf({ id } as never), { code: 'FST_IMPERSONATE_UNAVAILABLE', message })
  }
  t.equal(createPeople({ userId: user => String(user.id) }).idOf({ id: new ObjectId() } as never), '65a')
})

t.test('what somebody is has to be said clearly', async t => {
  t.same([{}, { isActive: true }, { isActive: null }, { isActive: false }].map(user => people.isActive(user as never)), [true, true, true, false])
  t.same([{}, { isStaff: true }, { isStaff: 1 }, { isStaff: 'yes' }].map(user => people.isStaff(user as never)), [false, true, false, false])
  t.same([{}, { isSuperuser: true }, { isSuperuser: 1 }, { isSuperuser: false }].map(user => people.isSuperuser(user as never)), [false, true, false, false])
  t.same([{}, { isSuperuser: true }, { isSuperuser: 1 }, { isSuperuser: false }].map(user => people.isSuperuserKnown(user as never)), [false, true, false, true])
})

t.test('the options say who somebody is, and only true is true', async t => {
  const own = createPeople({
    userId: user => Reflect.get(user, 'uuid'),
    displayName: user => `${Reflect.get(user, 'role')} of all`,
    isActive: () => 1 as never,
    isStaff: () => Promise.resolve(false) as never,
    isSuperuser: user => Reflect.get(user, 'role') === 'root'
  })
  const user = { id: 1, uuid: 'u-1', role: 'root' }
  t.same(own.personOf(user), { id: 'u-1', name: 'root of all' })
  t.same([own.isActive(user), own.isStaff(user), own.isSuperuser(user), own.isSuperuserKnown(user)], [false, false, true, true])
})

t.test('a displayName that gives no text is none: the name is made as without it, with one warning a process', async t => {
  const warnings: Error[] = []
  const note = (warning: Error) => { if (Reflect.get(warning, 'code') === 'FST_IMPERSONATE_DISPLAY_NAME') warnings.push(warning) }
  process.on('warning', note)
  t.teardown(() => process.off('warning', note))
  const user = { id: 1, username: 'ada' }
  for (const none of [
    undefined, null, '', ' \n', 5, true, {}, ['Ada'], Promise.resolve('Ada'), Promise.reject(new Error('nobody waits for it')), () => 'Ada'
  ]) {
    t.equal(createPeople({ displayName: () => none as never }).nameOf(user), 'ada')
    t.equal(createPeople({ displayName: () => none as never, userId: () => 'x' }).nameOf({ id: 1 }), 'x')
  }
  t.equal(createPeople({ displayName: () => ' Ada ' }).nameOf(user), ' Ada ')
  await new Promise(resolve => setImmediate(resolve))
  t.match(warnings, [{ name: 'FastifyImpersonateWarning', message: /^The option "displayName" gave undefined: / }])
  t.equal(warnings.length, 1)
  const failing = createPeople({ displayName: () => { throw new Error('gone') } })
  t.throws(() => failing.nameOf(user), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
})
