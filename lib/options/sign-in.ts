import { sessionId } from '../http/web-session.js'
import type { Settings } from '../settings.js'
import { guarded } from './people.js'
import type { ImpersonateOptions } from './table.js'

/** How one sign-in is told from the next: by the application, else by the web session where there is one. */
export function readSignIn (
  { signInId }: ImpersonateOptions, hasSession: boolean
): Pick<Settings, 'signInId' | 'hasOwnSignInId'> {
  const ask = signInId ?? (hasSession ? sessionId : () => null)
  return {
    hasOwnSignInId: signInId !== undefined,
    signInId: guarded('signInId', request => textOf(ask(request)))
  }
}

/** Something else than a text or nothing, such as a promise, would bind every sign-in of a person to one key. */
function textOf (id: unknown): string | null {
  if (id === undefined || id === null || typeof id === 'string') return id ?? null
  if (typeof id === 'number' || typeof id === 'bigint') return String(id)
  throw new TypeError('it returned something that is no text')
}
