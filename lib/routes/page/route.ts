import type { FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Context } from '../../context.js'
import type { PagePath } from '../../http/pages.js'
import type { LogStore } from '../../log/store.js'
import type { Settings } from '../../settings.js'
import type { RouteName } from '../../types/index.js'

/** Who gets through to a page: anybody, those who may impersonate, or those who see the log. */
export type Audience = 'anybody' | 'anybody-in-time' | 'impersonators' | 'administrators'

/** What the pages work with that are there only where there is a log. */
export interface LogContext extends Context {
  log: LogStore
}

/** One route of the plugin: all that there is to know of it. */
export interface Route<Needs extends Context = Context> {
  name: RouteName
  /** For the OpenAPI document. A route without one is not in it. */
  summary?: string
  method: HTTPMethods | HTTPMethods[]
  /** Below the prefix, without the trailing slash. */
  path: PagePath
  audience: Audience
  /** The option that has to allow this, where one has to. */
  allowedBy?: Permission
  /** What else is in its config, for this plugin or a neighbour. */
  config?: object
  schema?: (settings: Settings) => object
  handler: (context: Needs, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
}

export interface Permission {
  option: string
  isGiven: (settings: Settings) => boolean
}
