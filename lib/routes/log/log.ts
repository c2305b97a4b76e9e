import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { FST_IMPERSONATE_INVALID_INPUT, FST_IMPERSONATE_LOG_NOT_FOUND, FST_IMPERSONATE_LOG_OPEN } from '../../errors.js'
import { addressOf, numberedPage, paginatorOf } from '../../http/paging.js'
import { urlOf } from '../../http/urls.js'
import { wantsJson } from '../../http/wants-json.js'
import { entryOf } from '../../log/entry.js'
import { newRow } from '../../log/new-row.js'
import { endedAs, type LogRow, type LogStore } from '../../log/store.js'
import { hashKey, newKey } from '../../state/keys.js'
import type { Person } from '../../types/index.js'
import { atMost } from '../../within.js'
import { textOf } from '../page/input.js'
import { navigationOf } from '../page/navigation.js'
import { dateOf, filterOf } from './filter.js'

/** The log pages: they are there only where there is a log. */
export function createLogPages (context: Context, log: LogStore) {
  const { settings, views, users } = context
  const home = urlOf(settings, 'log', null)

  async function find (request: FastifyRequest): Promise<LogRow> {
    const row = await log.findById(given(request.params, 'id'))
    if (row === null) throw new FST_IMPERSONATE_LOG_NOT_FOUND()
    return row
  }

  async function findClosed (request: FastifyRequest): Promise<LogRow> {
    const row = await find(request)
    if (row.sessionEndedAt === null) throw new FST_IMPERSONATE_LOG_OPEN()
    return row
  }

  return {
    async list (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const number = Number(textOf(request.query, 'page') ?? 1)
      const { asked, filter } = filterOf(request)
      await atMost(settings.timeout, context.state.sweep())
      const [found, impersonators] = await Promise.all([
        log.list({ ...filter, page: number, pageSize: settings.paginateCount, countLimit: settings.countLimit }),
        log.impersonators(settings.maxFilterSize)
      ])
      const logs = found.rows.map(entryOf)
      const page = numberedPage(home, asked, number, found.hasNext)
      const paginator = paginatorOf(found, settings.paginateCount)
      reply.header('cache-control', 'no-store')
      if (wantsJson(request)) return reply.send({ logs, page, paginator, filters: { impersonators } })
      const html = await views.render('log', {
        logs,
        page,
        paginator,
        filter: asked,
        isFiltered: Object.values(asked).some(value => value !== undefined),
        impersonators,
        downloads: { csv: addressOf(`${settings.base}/-/log.csv`, asked), jsonl: addressOf(`${settings.base}/-/log.jsonl`, asked) },
        mayAdd: settings.adminAddPermission,
        nav: await navigationOf(context, request, 'log')
      })
      return reply.type('text/html; charset=utf-8').send(html)
    },

    async show (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const row = await find(request)
      reply.header('cache-control', 'no-store')
      if (wantsJson(request)) return reply.send(entryOf(row))
      const { ipAddress, userAgent } = row
      const isClosed = row.sessionEndedAt !== null
      const html = await views.render('log-entry', {
        entry: { ...entryOf(row), ipAddress, userAgent },
        mayEdit: isClosed && !settings.adminReadOnly,
        mayDelete: isClosed && settings.adminDeletePermission,
        nav: await navigationOf(context, request, 'log')
      })
      return reply.type('text/html; charset=utf-8').send(html)
    },

    async add (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const startedAt = dateOf('sessionStartedAt', textOf(request.body, 'sessionStartedAt'))
      const endedAt = dateOf('sessionEndedAt', textOf(request.body, 'sessionEndedAt'))
      if (startedAt === undefined || endedAt === undefined || endedAt < startedAt) {
        throw new FST_IMPERSONATE_INVALID_INPUT('"sessionEndedAt" in the body takes a time that is not before "sessionStartedAt"')
      }
      const impersonator = await nameOf(given(request.body, 'impersonatorId'))
      const impersonating = await nameOf(given(request.body, 'impersonatingId'))
      const begun = newRow({
        sessionKey: hashKey(newKey()), openKey: null, impersonator, impersonating, startedAt, reason: textOf(request.body, 'reason') ?? null
      })
      const row = { ...begun, lastSeenAt: endedAt, ...endedAs({ reason: 'stopped', at: endedAt }, begun) }
      await log.add(row)
      return wantsJson(request) ? reply.code(201).send(entryOf(row)) : reply.redirect(`${home}${row.id}/`)
    },

    async edit (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const row = await findClosed(request)
      const reason = textOf(request.body, 'reason') ?? null
      if (!await log.changeReason(row.id, reason)) throw new FST_IMPERSONATE_LOG_NOT_FOUND()
      return wantsJson(request) ? reply.send(entryOf({ ...row, reason })) : reply.redirect(`${home}${encodeURIComponent(row.id)}/`)
    },

    async remove (request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const row = await findClosed(request)
      if (!await log.remove(row.id)) throw new FST_IMPERSONATE_LOG_NOT_FOUND()
      return wantsJson(request) || request.method === 'DELETE' ? reply.code(204).send() : reply.redirect(home)
    }
  }

  /** Somebody who has been deleted is entered by id alone. */
  async function nameOf (id: string): Promise<Person> {
    const user = await users.find(id)
    return { id, name: user === null ? id : settings.nameOf(user) }
  }
}

/** A field that the schema requires. */
function given (input: unknown, name: string): string {
  return String(textOf(input, name))
}
