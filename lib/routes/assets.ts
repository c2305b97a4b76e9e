import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendText } from '../http/send.js'
import { readAsset } from '../views/assets.js'
import { HIDDEN, NEIGHBOURS } from './page/add.js'

const ASSETS = ['impersonate.css', 'impersonate.js', 'banner.css', 'banner.js', 'page-state.js'] as const

/** Adds the files that browsers fetch: for anybody, and for good, because their names change with what is in them. */
export function addAssets (scope: FastifyInstance): void {
  for (const { path, type, content } of ASSETS.map(readAsset)) {
    scope.get(path, { schema: HIDDEN, config: { ...NEIGHBOURS, impersonateRoute: 'asset' } }, sendAsset)

    async function sendAsset (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      return sendText(reply.header('cache-control', 'public, max-age=31536000, immutable'), type, content)
    }
  }
}
