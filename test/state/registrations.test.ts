import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { relative } from 'node:path'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { claim } from '../../dist/lib/state/registrations.js'
import { people } from '../kit/build.js'
import { newFile, openLog } from '../kit/database.js'
import type { ImpersonateOptions } from '../../dist/index.js'

const ALREADY = { code: 'FST_IMPERSONATE_ALREADY_REGISTERED' }

/** An application with the plugin in two scopes, beside each other or one within the other. */
async function twoScopes (t: Test, first: ImpersonateOptions, second: ImpersonateOptions, isNested = false) {
  const app = Fastify()
  t.teardown(async () => { await app.close() })
  await app.register(cookie)
  await app.register(session, { secret: 'a secret of at least thirty-two characters', cookie: { secure: 'auto' }, saveUninitialized: false })
  const users = memoryUsers(people())
  await app.register(async scope => {
    await scope.register(impersonate, { users, ...first })
    if (isNested) await scope.register(async inner => { await inner.register(impersonate, { users, ...second }) }, { prefix: '/partners' })
  }, { prefix: '/customers' })
  if (!isNested) await app.register(async scope => { await scope.register(impersonate, { users, ...second }) }, { prefix: '/partners' })
  await app.ready()
  return app
}

t.test('two registrations with one log or one cookie are refused, however the log is named', async t => {
  const file = newFile(t)
  const client = await openLog(t)
  const path = fileURLToPath(pathToFileURL(file))
  const pairs: Array<[string, ImpersonateOptions, ImpersonateOptions]> = [
    ['one file', { databaseUrl: `file:${path}` }, { databaseUrl: `file:${path}`, cookie: { name: 'other' } }],
    ['one file by two paths', { databaseUrl: `file:${path}` }, { databaseUrl: `file:${relative('.', path)}`, cookie: { name: 'other' } }],
    ['one client', { prisma: client }, { prisma: client, cookie: { name: 'other' } }],
    ['one cookie', { databaseUrl: `file:${path}` }, { databaseUrl: `file:${newFile(t)}` }],
    ['one cookie, of two paths', { databaseUrl: `file:${path}`, cookie: { name: 'a', path: '/customers' } }, { prisma: client, cookie: { name: 'a', path: '/partners' } }],
    ['the web session', { disableLogging: true }, { disableLogging: true, cookie: { name: 'other' } }]
  ]
  for (const [name, first, second] of pairs) await t.rejects(twoScopes(t, first, second), ALREADY, name)
  await t.rejects(twoScopes(t, { databaseUrl: `file:${path}` }, { databaseUrl: `file:${path}` }, true), ALREADY, 'one within the other')
})

t.test('PostgreSQL is the same log by host, port, database and schema', async t => {
  const twice = (first: string, second: string) => () => {
    const server = {}
    claim(server, { cookie: { name: 'one' }, base: '/a', publicPrefix: '', databaseUrl: first } as never)
    claim(server, { cookie: { name: 'other' }, base: '/b', publicPrefix: '', databaseUrl: second } as never)
  }
  const address = 'postgresql://ann@db.example/log'
  for (const same of ['postgresql://ben:x@DB.example:5432/log', 'postgresql://db.example/log?schema=public', `${address}?connect_timeout=1`]) {
    t.throws(twice(address, same), ALREADY, same)
  }
  for (const other of ['postgresql://db.example:5433/log', 'postgresql://db.example/logs', `${address}?schema=audit`]) t.doesNotThrow(twice(address, other), other)
})

t.test('two audiences have two logs and two cookies', async t => {
  const app = await twoScopes(t, { databaseUrl: `file:${newFile(t)}` }, { databaseUrl: `file:${newFile(t)}`, cookie: { name: 'partner' } })
  t.equal((await app.inject('/customers/impersonate/status/')).statusCode, 200)
  t.equal((await app.inject('/partners/impersonate/status/')).statusCode, 200)
  const stop = async (next: string) => (await app.inject({ method: 'POST', url: '/customers/impersonate/stop/', payload: { next } })).json().redirect
  t.equal(await stop('/partners/impersonate/list/'), '/partners/impersonate/list/')
  for (const next of ['/partners/impersonate/4/', '/partners/impersonate/stop/']) t.equal(await stop(next), '/', 'no redirect leads to a start or stop of the other')
})

t.test('two applications of one process may share a log, as two processes do', async t => {
  const client = await openLog(t)
  for (let n = 0; n < 2; n++) {
    const app = Fastify()
    t.teardown(async () => { await app.close() })
    await app.register(cookie)
    await app.register(impersonate, { users: memoryUsers(people()), getRealUser: () => null, prisma: client })
    await app.ready()
  }
  t.pass()
})
