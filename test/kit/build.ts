import cookie from '@fastify/cookie'
import secureSession from '@fastify/secure-session'
import session from '@fastify/session'
import Fastify, { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, type InjectOptions, type LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import impersonate, { memoryUsers } from '../../dist/index.js'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { webSession } from '../../dist/lib/http/web-session.js'
import type { ImpersonateOptions } from '../../dist/index.js'
import { migratedLog } from './migrated.js'

export type TestUser = { id: number, username: string, firstName: string, lastName: string, email: string, password: string, isActive: boolean, isStaff: boolean, isSuperuser: boolean }

export function person (id: number, username: string, more: Partial<TestUser> = {}): TestUser {
  return { id, username, firstName: '', lastName: '', email: `${username}@example.com`, password: 'hash-of-a-secret', isActive: true, isStaff: false, isSuperuser: false, ...more }
}

/** ada is a superuser, sam is staff, carl and cleo are customers, ida is inactive, sue is another superuser. */
export function people (): TestUser[] {
  return [
    person(1, 'ada', { isSuperuser: true, isStaff: true }),
    person(2, 'sam', { isStaff: true }),
    person(3, 'carl', { firstName: 'Carl', lastName: 'O\'Brien' }),
    person(4, 'cleo'),
    person(5, 'ida', { isActive: false }),
    person(6, 'sue', { isSuperuser: true })
  ]
}

export interface BuildOptions extends ImpersonateOptions {
  /** Options of the application itself. */
  server?: FastifyServerOptions
  /** `bearer` has no session: the user's id is the token. */
  signIn?: 'session' | 'secure-session' | 'bearer'
  /** Where sign-ins are kept; one for all processes where there are several. */
  store?: JsonStore
  /** Runs before the plugin is registered. */
  before?: (app: FastifyInstance) => Promise<unknown> | unknown
  /** Runs after the plugin is registered. */
  after?: (app: FastifyInstance) => Promise<unknown> | unknown
  /** The people in the application; the users by default. */
  people?: TestUser[]
}

/** A sessions' store that puts everything through JSON, as real ones do. */
export class JsonStore {
  readonly #sessions = new Map<string, string>()
  set (id: string, value: unknown, done: (error?: unknown) => void): void { this.#sessions.set(id, JSON.stringify(value)); done() }
  get (id: string, done: (error: unknown, value?: never) => void): void {
    const text = this.#sessions.get(id)
    if (text === undefined) done(null)
    else done(null, JSON.parse(text))
  }

  destroy (id: string, done: (error?: unknown) => void): void { this.#sessions.delete(id); done() }
}

let migrated: Promise<Buffer> | undefined

/** A log of one's own, already migrated. */
async function logFile (t: Test): Promise<string> {
  migrated ??= migratedLog()
  const file = join(t.testdir(), 'log.db')
  writeFileSync(file, await migrated, { mode: 0o600 })
  return `file:${file}`
}

/** An application with a sign-in, some routes and the plugin, which tears itself down. */
export async function build (t: Test, { server = {}, signIn = 'session', store = new JsonStore(), before, after, people: everyone = people(), ...options }: BuildOptions = {}) {
  const app = Fastify({ logger: false, pluginTimeout: 60_000, ...server })
  t.teardown(async () => { await app.close() })
  await app.register(cookie)
  if (signIn === 'session') {
    await app.register(session, { secret: 'a secret of at least thirty-two characters', store, cookie: { secure: 'auto', sameSite: 'lax' }, saveUninitialized: false })
  } else if (signIn === 'secure-session') {
    await app.register(secureSession, { key: Buffer.alloc(32, 7), cookie: { path: '/', httpOnly: true } })
  }
  await before?.(app)
  await app.register(impersonate, {
    users: memoryUsers(everyone),
    ...signIn === 'bearer' ? { getRealUser: bearer(everyone) } : {},
    ...(options.prisma ?? options.disableLogging ?? options.databaseUrl) === undefined ? { databaseUrl: await logFile(t) } : {},
    ...options
  })
  app.post<{ Params: { id: string } }>('/sign-in/:id', async (request) => {
    webSession(request)?.set('userId', request.params.id)
    return {}
  })
  app.post('/sign-out', async (request) => {
    const own = Object(webSession(request))
    if (signIn !== 'bearer') await Reflect.get(own, signIn === 'session' ? 'destroy' : 'delete').call(own)
    return {}
  })
  const who = async (request: FastifyRequest) => ({
    user: request.user?.id ?? null,
    impersonator: request.impersonator?.id ?? null,
    realUser: request.realUser?.id ?? null,
    isImpersonate: request.user?.isImpersonate ?? false,
    impersonation: request.impersonation
  })
  app.get('/who', who)
  app.post('/who', who)
  app.get('/admin/who', who)
  await after?.(app)
  return app
}

/** Who is signed in by `authorization: Bearer <id>`. */
function bearer (everyone: TestUser[]): NonNullable<ImpersonateOptions['getRealUser']> {
  return ({ headers: { authorization } }) => everyone.find(({ id }) => authorization === `Bearer ${id}`) ?? null
}

/** A browser with a cookie jar that sends what a browser sends from the application's own pages. */
export function browser (app: FastifyInstance, origin = 'http://localhost:80') {
  const jar = new Map<string, string>()
  let token: number | undefined
  async function send (options: InjectOptions): Promise<LightMyRequestResponse> {
    const response = await app.inject({
      ...options,
      headers: {
        ...(jar.size === 0 ? {} : { cookie: [...jar].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('; ') }),
        ...token === undefined ? {} : { authorization: `Bearer ${token}` },
        ...options.headers
      }
    })
    for (const { name, value, expires } of response.cookies) {
      if (value === '' || (expires !== undefined && expires.getTime() < Date.now())) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  const json = { accept: 'application/json' }
  return {
    jar,
    origin,
    send,
    get: async (url: string, headers = {}) => await send({ method: 'GET', url, headers }),
    post: async (url: string, payload?: object, headers = {}) => await send({ method: 'POST', url, headers, ...(payload === undefined ? {} : { payload }) }),
    getJson: async (url: string) => await send({ method: 'GET', url, headers: json }),
    postJson: async (url: string, payload?: object) => await send({ method: 'POST', url, headers: json, ...(payload === undefined ? {} : { payload }) }),
    /** A click on a link of the application's own pages. */
    click: async (url: string) => await send({ method: 'GET', url, headers: { accept: 'text/html', 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' } }),
    /** In all ways that `build` knows. */
    signIn: async (id: number) => {
      token = id
      await send({ method: 'POST', url: `/sign-in/${id}` })
    },
    signOut: async () => {
      await send({ method: 'POST', url: '/sign-out' })
      token = undefined
    }
  }
}
