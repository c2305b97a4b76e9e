import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { FST_IMPERSONATE_LOG_NOT_FOUND } from '../errors.js'
import { numberedPage } from '../http/paging.js'
import { urlOf } from '../http/urls.js'
import { wantsJson } from '../http/wants-json.js'
import { endAll, endOne } from '../impersonation/live-sessions.js'
import { deadlineOf } from '../log/deadlines.js'
import { entryOf } from '../log/entry.js'
import type { LogRow, LogStore } from '../log/store.js'
import { atMost } from '../within.js'
import { textOf } from './page/input.js'
import { navigationOf } from './page/navigation.js'

/** The pages of live impersonations: who is in as whom, and ending them. */
export function createSessionPages (context: Context, log: LogStore) {
  const { settings, state, views } = context
  const home = urlOf(settings, 'sessions', null)

  /** A log entry, with when it ends if nothing happens any more. */
  function sessionOf (row: LogRow) {
    return { ...entryOf(row), endsAt: deadlineOf(settings, row).at.toISOString() }
  }

  return {
    async list (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const number = Number(textOf(request.query, 'page') ?? 1)
      const filter = { impersonator: textOf(request.query, 'impersonator'), impersonating: textOf(request.query, 'impersonating') }
      await atMost(settings.timeout, state.sweep())
      const found = await log.list({
        ...filter, session: 'incomplete', page: number, pageSize: settings.paginateCount, countLimit: settings.countLimit
      })
      const sessions = found.rows.map(sessionOf)
      const page = numberedPage(home, filter, number, found.hasNext)
      if (wantsJson(request)) return reply.send({ sessions, page })
      const html = await views.render('sessions', { sessions, page, filter, count: found.count, countIsExact: found.countIsExact, nav: await navigationOf(context, request, 'sessions') })
      return reply.type('text/html; charset=utf-8').send(html)
    },

    async end (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const row = await endOne(context, String(textOf(request.params, 'id')), { by: request.realUser, request })
      if (row === null) throw new FST_IMPERSONATE_LOG_NOT_FOUND()
      return wantsJson(request) || request.method === 'DELETE' ? reply.send(entryOf(row)) : reply.redirect(home)
    },

    async endMany (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const [impersonator, impersonating] = [textOf(request.body, 'impersonator'), textOf(request.body, 'impersonating')]
      const filter = { ...(impersonator === undefined ? {} : { impersonator }), ...(impersonating === undefined ? {} : { impersonating }) }
      const ended = await endAll(context, filter, { by: request.realUser, request })
      return wantsJson(request) ? reply.send({ ended }) : reply.redirect(home)
    }
  }
}
