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
  for (const id of [undefined, null, '', {}, true]) t.throws(() => people.idOf({ id } as never), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
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
    displayName: () => 5 as never,
    isActive: () => 1 as never,
    isStaff: () => Promise.resolve(false) as never,
    isSuperuser: user => Reflect.get(user, 'role') === 'root'
  })
  const user = { id: 1, uuid: 'u-1', role: 'root' }
  t.same(own.personOf(user), { id: 'u-1', name: '5' })
  t.same([own.isActive(user), own.isStaff(user), own.isSuperuser(user), own.isSuperuserKnown(user)], [false, false, true, true])
})
