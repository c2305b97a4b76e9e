import type { FastifyBaseLogger } from 'fastify'
import type { LogStore } from '../log/store.js'
import type { Policy } from '../policy/policy.js'
import type { Settings } from '../settings.js'
import type { AuditHooks } from '../state/events.js'
import type { State } from '../state/state.js'
import type { Users } from '../users/load.js'

/** What starts, stops and all between work with; one a registration. */
export interface Core {
  settings: Settings
  policy: Policy
  users: Users
  state: State
  /** With its time limit; null with `disableLogging`. */
  log: LogStore | null
  hooks: AuditHooks
  logger: FastifyBaseLogger
}
