import t from 'tap'
import { createPeople } from '../../dist/lib/options/people.js'
import { createPolicy } from '../../dist/lib/policy/policy.js'
import { refusalOf } from '../../dist/lib/policy/target.js'

const settings = (more: object = {}) => ({ ...createPeople({}), timeout: 1000, requireSuperuser: false, allowSuperuser: false, customAllow: undefined, adminAllow: undefined, users: { scopeType: 'where' }, ...more }) as never
const policy = (more: object = {}) => createPolicy(settings(more))
const lines: string[] = []
const request = { log: { error: (line: string) => { lines.push(line) } } } as never
const root = { id: 1, isSuperuser: true, isActive: true }
const staff = { id: 2, isStaff: true, isSuperuser: false }
const customer = { id: 3, isSuperuser: false }

t.test('superusers and staff may impersonate, with requireSuperuser superusers alone', async t => {
  t.same(await Promise.all([root, staff, customer].map(async user => await policy().mayImpersonate(request, user))), [true, true, false])
  t.same(await Promise.all([root, staff, customer].map(async user => await policy({ requireSuperuser: true }).mayImpersonate(request, user))), [true, false, false])
})

t.test('customAllow replaces the rule, and only true is true', async t => {
  for (const [answer, allowed] of [[true, true], [false, false], [1, false], [Promise.resolve(true), true], [Promise.resolve('yes'), false]] as const) {
    t.equal(await policy({ customAllow: () => answer }).mayImpersonate(request, customer), allowed)
  }
})

t.test('nobody inactive may do anything, and nothing is asked', async t => {
  const never = () => { throw new Error('was asked') }
  const inactive = { ...root, isActive: false }
  t.notOk(await policy({ customAllow: never }).mayImpersonate(request, inactive))
  t.notOk(await policy({ adminAllow: never }).mayAdminister(request, inactive))
})

t.test('superusers see the log, or who adminAllow says', async t => {
  t.same(await Promise.all([root, staff].map(async user => await policy().mayAdminister(request, user))), [true, false])
  t.ok(await policy({ adminAllow: () => true }).mayAdminister(request, customer))
  t.notOk(await policy({ adminAllow: async () => 1 }).mayAdminister(request, root))
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

t.test('a customUserQueryset that returns nothing is no scope for everyone', async t => {
  for (const nothing of [undefined, null]) {
    lines.length = 0
    await t.rejects(policy({ customUserQueryset: () => nothing }).scopeOf(request), { code: 'FST_IMPERSONATE_UNAVAILABLE' })
    t.match(lines, [/^fastify-impersonate: "customUserQueryset" returned nothing/])
  }
})

t.test('a scope is what customUserQueryset returned, and nothing where there is none', async t => {
  t.same(await policy({ customUserQueryset: async () => ({ isStaff: true }) }).scopeOf(request), { isStaff: true })
  t.equal(await policy().scopeOf(request), undefined)
})
