import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { cursorPage, paginatorOf } from '../../http/paging.js'
import { safeDestination } from '../../http/redirect.js'
import { sendHtml, sendJson } from '../../http/send.js'
import { urlOf } from '../../http/urls.js'
import { wantsJson } from '../../http/wants-json.js'
import { checkStarter } from '../../impersonation/admission.js'
import { LONGEST_REASON } from '../../log/columns.js'
import type { Settings } from '../../settings.js'
import { termsOf } from '../../users/terms.js'
import { AT_THE_DOOR, away, pageOrJson, refusals } from '../page/answers.js'
import { id, pageNumber, query, redirectField } from '../page/fields.js'
import { textOf } from '../page/input.js'
import { navigationOf } from '../page/navigation.js'
import type { Route } from '../page/route.js'
import { nullable, pageLinks, paginator } from '../page/shapes.js'
import { jsonUser, shownUsers } from './find-page.js'

/** Everyone in scope: django-impersonate's `list_users`. */
async function listUsers (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  return await answerUsers(context, request, reply, 'list')
}

/** Those in scope whom every word is found in: django-impersonate's `search_users`. */
async function searchUsers (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  return await answerUsers(context, request, reply, 'search')
}

/** The prefix alone is where people begin. */
async function leadToSearch ({ settings }: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  return reply.redirect(urlOf(settings, 'search', null))
}

async function answerUsers (
  context: Context, request: FastifyRequest, reply: FastifyReply, view: 'list' | 'search'
): Promise<unknown> {
  const { settings, policy, users: source, views } = context
  const { searchFields, redirectFieldName, requireReason, language } = settings
  const real = await checkStarter(context, request)
  const query = textOf(request.query, 'q') ?? ''
  const terms = termsOf(query, settings.lookupType)
  const [after, before] = [textOf(request.query, 'after'), textOf(request.query, 'before')]
  const number = Number(textOf(request.query, 'page') ?? 1)

  const found = await source.page({
    terms,
    fields: searchFields,
    lookup: settings.lookupType,
    scope: await policy.scopeOf(request),
    page: number,
    after,
    before,
    pageSize: settings.paginateCount,
    countLimit: settings.countLimit
  })
  if (!found.users.every(settings.isSuperuserKnown)) {
    request.log.warn('fastify-impersonate: users whose "isSuperuser" is not a boolean cannot be impersonated: ' +
      'give the option of that name a function such as () => false')
  }
  const paginator = paginatorOf(found, settings.paginateCount)
  const next = safeDestination(textOf(request.query, redirectFieldName), context.destinations)
  const isSent = redirectFieldName !== undefined && next !== null
  const redirect = isSent ? { [redirectFieldName]: next } : {}
  const carried = { ...(view === 'search' ? { q: query } : {}), ...redirect }
  const byNumber = (after ?? before) === undefined ? number : null
  const page = cursorPage(urlOf(settings, view, null), carried, byNumber, found, settings.idOf)

  if (wantsJson(request)) {
    const users = found.users.map(user => jsonUser(settings, real, user))
    return sendJson(reply, { users, page, paginator, ...(view === 'search' ? { query } : {}) })
  }
  const html = await views.render(view, {
    ...shownUsers(settings, real, found.users, terms, next),
    paginator,
    page,
    pageNumber: page.number,
    query,
    redirectField: isSent ? { name: redirectFieldName, value: next } : null,
    redirect: isSent ? `?${new URLSearchParams(redirect)}` : '',
    reason: requireReason === null ? null : { minLength: requireReason.minLength, maxLength: LONGEST_REASON },
    searchFields,
    searched: language.format.either(searchFields.map(language.fieldName)),
    nav: await navigationOf(context, request, 'find')
  })
  return sendHtml(reply, html)
}

function shown ({ searchFields }: Settings): object {
  const fields = Object.fromEntries(searchFields.map(name => [name, nullable('string')]))
  const user = { ...fields, id: { type: 'string' }, name: { type: 'string' }, allowed: { type: 'boolean' } }
  return {
    type: 'object',
    properties: {
      users: { type: 'array', items: { type: 'object', properties: user } },
      page: pageLinks,
      paginator,
      query: { type: 'string' }
    }
  }
}

const paging = { page: pageNumber, after: id, before: id }
const words = { type: 'string', maxLength: 200, description: 'a text of at most 200 characters' }

export const usersRoutes: Route[] = [
  { name: 'list', method: 'GET', path: '/', audience: 'impersonators', handler: leadToSearch },
  {
    name: 'list',
    summary: 'Users in scope',
    method: 'GET',
    path: '/list',
    audience: 'impersonators',
    schema: settings => ({
      querystring: query({ ...paging, ...redirectField(settings) }),
      response: { 200: pageOrJson('A page of users', shown(settings)), ...away, ...refusals(...AT_THE_DOOR) }
    }),
    handler: listUsers
  },
  {
    name: 'search',
    summary: 'Search for users in scope',
    method: 'GET',
    path: '/search',
    audience: 'impersonators',
    schema: settings => ({
      querystring: query({ q: words, ...paging, ...redirectField(settings) }),
      response: { 200: pageOrJson('A page of the users found', shown(settings)), ...away, ...refusals(...AT_THE_DOOR) }
    }),
    handler: searchUsers
  }
]
