import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { cursorPage, paginatorOf } from '../../http/paging.js'
import { safePath } from '../../http/redirect.js'
import { urlOf } from '../../http/urls.js'
import { wantsJson } from '../../http/wants-json.js'
import { checkStarter } from '../../impersonation/start.js'
import { LONGEST_REASON } from '../../log/columns.js'
import { termsOf } from '../../users/terms.js'
import { textOf } from '../page/input.js'
import { navigationOf } from '../page/navigation.js'
import { jsonUser, shownUsers } from './find-page.js'

/** Everyone in scope: django-impersonate's `list_users`. */
export async function listUsers (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  return await answerUsers(context, request, reply, 'list')
}

/** Those in scope whom every word is found in: django-impersonate's `search_users`. */
export async function searchUsers (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  return await answerUsers(context, request, reply, 'search')
}

async function answerUsers (context: Context, request: FastifyRequest, reply: FastifyReply, view: 'list' | 'search'): Promise<unknown> {
  const { settings, policy, users: source, views } = context
  const { searchFields, redirectFieldName, language } = settings
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
    request.log.warn('fastify-impersonate: users whose "isSuperuser" is not a boolean cannot be impersonated: give the option of that name a function such as () => false')
  }
  const paginator = paginatorOf(found, settings.paginateCount)
  const next = safePath(textOf(request.query, redirectFieldName), settings.base)
  const redirectField = redirectFieldName === undefined || next === null ? null : { name: redirectFieldName, value: next }
  const carried = { ...(view === 'search' ? { q: query } : {}), ...(redirectField === null ? {} : { [redirectField.name]: redirectField.value }) }
  const page = cursorPage(urlOf(settings, view, null), carried, (after ?? before) === undefined ? number : null, found, settings.idOf)

  if (wantsJson(request)) {
    const users = found.users.map(user => jsonUser(settings, real, user))
    return reply.send({ users, page, paginator, ...(view === 'search' ? { query } : {}) })
  }
  const html = await views.render(view, {
    ...shownUsers(settings, real, found.users, terms, next),
    paginator,
    page,
    pageNumber: page.number,
    query,
    redirectField,
    redirect: redirectField === null ? '' : `?${new URLSearchParams({ [redirectField.name]: redirectField.value })}`,
    reason: settings.requireReason === null ? null : { minLength: settings.requireReason.minLength, maxLength: LONGEST_REASON },
    searchFields,
    searched: language.format.either(searchFields.map(language.fieldName)),
    nav: await navigationOf(context, request, 'find')
  })
  return reply.type('text/html; charset=utf-8').send(html)
}
