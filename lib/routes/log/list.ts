import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressOf, numberedPage, paginatorOf } from '../../http/paging.js'
import { sendHtml, sendJson } from '../../http/send.js'
import { urlOf } from '../../http/urls.js'
import { wantsJson } from '../../http/wants-json.js'
import { entryOf } from '../../log/entry.js'
import { atMost } from '../../within.js'
import { AT_THE_DOOR, away, pageOrJson, refusals } from '../page/answers.js'
import { pageNumber, query } from '../page/fields.js'
import { textOf } from '../page/input.js'
import { navigationOf } from '../page/navigation.js'
import type { LogContext, Route } from '../page/route.js'
import { entry, pageLinks, paginator, person } from '../page/shapes.js'
import { filterFields, filterOf } from './filter.js'

async function showLog (context: LogContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { settings, log, state, views } = context
  const number = Number(textOf(request.query, 'page') ?? 1)
  const { asked, filter } = filterOf(request)
  await atMost(settings.timeout, state.sweep())
  const [found, impersonators] = await Promise.all([
    log.list({ ...filter, page: number, pageSize: settings.paginateCount, countLimit: settings.countLimit }),
    log.impersonators(settings.maxFilterSize)
  ])
  const logs = found.rows.map(entryOf)
  const page = numberedPage(urlOf(settings, 'log', null), asked, number, found.hasNext)
  const paginator = paginatorOf(found, settings.paginateCount)

  reply.header('cache-control', 'no-store')
  if (wantsJson(request)) return sendJson(reply, { logs, page, paginator, filters: { impersonators } })
  const html = await views.render('log', {
    logs,
    page,
    paginator,
    filter: asked,
    isFiltered: Object.values(asked).some(value => value !== undefined),
    impersonators,
    downloads: {
      csv: addressOf(`${settings.base}/-/log.csv`, asked),
      jsonl: addressOf(`${settings.base}/-/log.jsonl`, asked)
    },
    mayAdd: settings.adminAddPermission,
    nav: await navigationOf(context, request, 'log')
  })
  return sendHtml(reply, html)
}

const shown = {
  type: 'object',
  properties: {
    logs: { type: 'array', items: entry },
    page: pageLinks,
    paginator,
    filters: { type: 'object', properties: { impersonators: { type: 'array', items: person } } }
  }
}

export const logRoute: Route<LogContext> = {
  name: 'log',
  summary: 'The log, newest first',
  method: 'GET',
  path: '/log',
  audience: 'administrators',
  schema: () => ({
    querystring: query({ ...filterFields, page: pageNumber }),
    response: { 200: pageOrJson('A page of the log', shown), ...away, ...refusals(...AT_THE_DOOR) }
  }),
  handler: showLog
}
