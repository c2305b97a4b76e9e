import type { FastifyInstance, LightMyRequestResponse } from 'fastify'

/** A signed-in person for `app.inject`: what the application knows them by. */
export interface SignedIn {
  headers?: Record<string, string>
  cookies?: Record<string, string>
}

/** Who sees the application as whom. */
export interface ImpersonateForTest {
  /** The id of the user to be seen as. */
  as: string | number | bigint
  /** Who does it: headers or cookies of a signed-in person, or the answer to their sign-in, which has the cookies. */
  by: SignedIn | LightMyRequestResponse
  /** Where the application requires one. */
  reason?: string
}

/**
 * Starts an impersonation, for tests of your own application: a real one, with its checks, log entry and hooks. What
 * it resolves to is for `app.inject`: the person's headers and cookies, and the plugin's.
 *
 * @example
 * const by = await app.inject({ method: 'POST', url: '/login', payload: { name: 'sam', password } })
 * const asCarl = await impersonate(app, { as: carl.id, by })
 * const answer = await app.inject({ url: '/account', ...asCarl })
 * @throws Error with the plugin's answer where it refuses
 */
export async function impersonate (
  app: FastifyInstance, { as, by, reason }: ImpersonateForTest
): Promise<Required<SignedIn>> {
  await app.ready()
  const { headers = {}, cookies = {} } = 'statusCode' in by ? { cookies: given(by) } : by
  const response = await app.inject({
    method: 'POST',
    url: app.impersonate.url('start', { userId: as }),
    headers: { ...headers, accept: 'application/json' },
    cookies,
    ...(reason === undefined ? {} : { payload: { reason } })
  })
  if (response.statusCode !== 201) throw new Error(`The impersonation was not started: ${response.statusCode} ${response.body}`)
  return { headers, cookies: { ...cookies, ...given(response) } }
}

function given ({ cookies }: LightMyRequestResponse): Record<string, string> {
  return Object.fromEntries(cookies.map(({ name, value }) => [name, value]))
}
