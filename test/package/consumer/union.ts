import Fastify from 'fastify'
import impersonate, { memoryUsers, type ImpersonateOptions, type User } from 'fastify-impersonate'

interface Customer { kind: 'customer', id: string, plan: string }
interface Employee { kind: 'employee', id: string, desk: number }

declare module 'fastify-impersonate' {
  interface Register { user: Customer | Employee }
}

const app = Fastify()
await app.register(impersonate, {
  users: memoryUsers<Customer | Employee>([]),
  isSuperuser: user => user.kind === 'employee' && user.desk === 1
})
const others: ImpersonateOptions = {
  getRealUser: () => ({ kind: 'employee', id: '1', desk: 1 }),
  onSessionBegin: ({ impersonator }) => { if (impersonator?.kind === 'employee') app.log.info(impersonator.desk) },
  // @ts-expect-error users of another type than the registered one
  users: memoryUsers([{ id: '1' }])
}
app.get('/', async request => {
  const { user } = request
  if (user?.kind === 'customer') return { plan: user.plan, masked: user.isImpersonate === true }
  // @ts-expect-error an employee has no plan
  return { plan: user?.plan, desk: user?.desk }
})
export const nobody: User | null = null
export { others }
