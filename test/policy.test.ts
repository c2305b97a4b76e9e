import t from 'tap'
import { createPeople } from '../dist/lib/people.js'
import { mayAdminister, mayImpersonate, refusalOf } from '../dist/lib/policy.js'

const settings = (more: object = {}) => ({ ...createPeople({}), requireSuperuser: false, allowSuperuser: false, customAllow: undefined, adminAllow: undefined, ...more }) as never
const request = {} as never
const root = { id: 1, isSuperuser: true, isActive: true }
const staff = { id: 2, isStaff: true, isSuperuser: false }
const customer = { id: 3, isSuperuser: false }

t.test('superusers and staff may impersonate, with requireSuperuser superusers alone', async t => {
  t.same(await Promise.all([root, staff, customer].map(async user => await mayImpersonate(settings(), user, request))), [true, true, false])
  t.same(await Promise.all([root, staff, customer].map(async user => await mayImpersonate(settings({ requireSuperuser: true }), user, request))), [true, false, false])
})

t.test('customAllow replaces the rule, and only true is true', async t => {
  for (const [answer, allowed] of [[true, true], [false, false], [1, false], [Promise.resolve(true), true], [Promise.resolve('yes'), false]] as const) {
    t.equal(await mayImpersonate(settings({ customAllow: () => answer }), customer, request), allowed)
  }
})

t.test('nobody inactive may do anything, and nothing is asked', async t => {
  const never = () => { throw new Error('was asked') }
  const inactive = { ...root, isActive: false }
  t.notOk(await mayImpersonate(settings({ customAllow: never }), inactive, request))
  t.notOk(await mayAdminister(settings({ adminAllow: never }), inactive, request))
})

t.test('superusers see the log, or who adminAllow says', async t => {
  t.same(await Promise.all([root, staff].map(async user => await mayAdminister(settings(), user, request))), [true, false])
  t.ok(await mayAdminister(settings({ adminAllow: () => true }), customer, request))
  t.notOk(await mayAdminister(settings({ adminAllow: async () => 1 }), root, request))
})

t.test('no target are oneself, the inactive, superusers and those of whom it is not known', async t => {
  t.equal(refusalOf(settings(), staff, customer), null)
  t.equal(refusalOf(settings(), staff, { ...customer, id: '2' }), 'oneself')
  t.equal(refusalOf(settings(), staff, { ...customer, isActive: false }), 'inactive')
  t.equal(refusalOf(settings(), root, { id: 4 }), 'of an unclear "isSuperuser"')
  t.equal(refusalOf(settings({ allowSuperuser: true }), root, { id: 4, isSuperuser: 1 } as never), 'of an unclear "isSuperuser"')
})

t.test('superusers are targets for superusers alone, and only with allowSuperuser', async t => {
  const other = { id: 9, isSuperuser: true }
  t.equal(refusalOf(settings(), root, other), 'a superuser')
  t.equal(refusalOf(settings({ allowSuperuser: true }), staff, other), 'a superuser')
  t.equal(refusalOf(settings({ allowSuperuser: true }), root, other), null)
})
