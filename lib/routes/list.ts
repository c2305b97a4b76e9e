import type { FastifyReply, FastifyRequest } from 'fastify'
import { wantsJson } from '../answer.js'
import type { Context } from '../context.js'
import { asRealUser } from '../overlay.js'
import { field } from '../people.js'
import { refusalOf } from '../policy.js'
import { safePath } from '../redirect.js'
import { checkStarter } from '../start.js'
import type { User } from '../types.js'
import { startAddress, urlOf } from '../urls.js'
import { textOf } from './input.js'
import { numberedPage, paginatorOf } from './paging.js'

/** Everyone in scope: django-impersonate's `list_users`. */
export async function listUsers (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  return await answerUsers(context, request, reply, 'list')
}

/** Those in scope whom every word is found in: django-impersonate's `search_users`. */
export async function searchUsers (context: Context, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  return await answerUsers(context, request, reply, 'search')
}

async function answerUsers (context: Context, request: FastifyRequest, reply: FastifyReply, view: 'list' | 'search'): Promise<unknown> {
  const { settings, users: source, views } = context
  const { searchFields, redirectFieldName } = settings
  const real = await checkStarter(context, request)
  const query = textOf(request.query, 'q') ?? ''
  const [after, before] = [textOf(request.query, 'after'), textOf(request.query, 'before')]
  const number = Number(textOf(request.query, 'page') ?? 1)

  const found = await source.page({
    terms: query.split(/\s+/).filter(term => term !== ''),
    fields: searchFields,
    lookup: settings.lookupType,
    scope: await source.scopeOf(asRealUser(request)),
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
  const carried = { ...(view === 'search' ? { q: query } : {}), ...(redirectFieldName === undefined || next === null ? {} : { [redirectFieldName]: next }) }
  const page = numberedPage(urlOf(settings, view, null), carried, number, found.hasNext, found.hasPrevious)
  const users = found.users.map(user => jsonUser(user))

  if (wantsJson(request)) return reply.send({ users, page, paginator, ...(view === 'search' ? { query } : {}) })
  const redirectField = redirectFieldName === undefined || next === null ? null : { name: redirectFieldName, value: next }
  const html = await views.render(view, {
    users: users.map(user => ({ ...user, start: startAddress(settings, user.id, next) })),
    paginator,
    page,
    pageNumber: number,
    query,
    redirectField,
    redirect: redirectField === null ? '' : `?${new URLSearchParams({ [redirectField.name]: redirectField.value })}`,
    searchFields,
    me: settings.nameOf(real)
  })
  return reply.type('text/html; charset=utf-8').send(html)

  function jsonUser (user: User) {
    const fields = searchFields.map(name => [name, textOrNull(field(user, name))])
    return { ...Object.fromEntries(fields), ...settings.personOf(user), allowed: refusalOf(settings, real, user) === null }
  }
}

function textOrNull (value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
