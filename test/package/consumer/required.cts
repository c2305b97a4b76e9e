import cookie = require('@fastify/cookie')
import Fastify = require('fastify')
import impersonation = require('fastify-impersonate')
import testing = require('fastify-impersonate/testing')

async function start (): Promise<string> {
  const app = Fastify()
  const clock: testing.Clock = testing.createClock('2026-01-31T12:00:00Z')
  await app.register(cookie)
  await app.register(impersonation.default, { users: impersonation.memoryUsers([{ id: 1, username: 'ada' }]), now: clock.now, maxDuration: 60 })
  // @ts-expect-error an unknown option
  await app.register(impersonation.default, { maxDurations: 60 })
  const asCarl = await testing.impersonate(app, { as: 2, by: { cookies: { session: 'x' } } })
  const { statusCode } = await app.inject({ url: '/', ...asCarl })
  const { code } = new impersonation.errors.FST_IMPERSONATE_FORBIDDEN()
  return `${statusCode} ${code} ${app.impersonate.url('list')}`
}

export = start
