import type { FastifyRequest } from 'fastify'
import type { Banner } from './banner/banner.js'
import type { Destinations } from './http/redirect.js'
import type { Core } from './impersonation/core.js'
import type { Views } from './views/views.js'

/** What the routes work with: what the flows do, and the pages. */
export interface Context extends Core {
  views: Views
  banner: Banner
  destinations: Destinations
  /** Whether a request is always the real user's. */
  isExcluded (request: FastifyRequest): boolean
}
