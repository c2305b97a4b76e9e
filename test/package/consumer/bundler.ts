// As bundlers resolve modules, with every type checked, the packages' own too.
import Fastify from 'fastify'
import impersonate, { errors, memoryUsers, prismaUsers } from 'fastify-impersonate'
import { createClock } from 'fastify-impersonate/testing'

const clock = createClock('2026-01-31T12:00:00Z')
const app = Fastify()
await app.register(impersonate, { users: memoryUsers([{ id: 1, username: 'ada' }]), now: clock.now })

const refused = new errors.FST_IMPERSONATE_FORBIDDEN()
export const told: string = refused.code + refused.statusCode.toFixed() + refused.message
// @ts-expect-error an error has a type, which has no such field
export const nothing: unknown = refused.nobody
// @ts-expect-error what the message is made of has one too
export const wrong = new errors.FST_IMPERSONATE_INVALID_INPUT(7)
// @ts-expect-error a delegate of no model
prismaUsers(7)
