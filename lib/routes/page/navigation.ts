import type { FastifyRequest } from 'fastify'
import type { Context } from '../../context.js'
import { urlOf } from '../../http/urls.js'
import type { User } from '../../types/index.js'

type Place = 'find' | 'sessions' | 'log'

/** The links at the top of a page: to where this person may go. */
export interface Navigation {
  me: string
  back: string
  links: Array<{ name: Place, href: string, isCurrent: boolean }>
}

/** For pages that only somebody who is signed in gets to. */
export async function navigationOf (
  { settings, policy, log }: Context, request: FastifyRequest, current: Place
): Promise<Navigation> {
  const real: User = Object(request.realUser)
  const [mayFind, maySeeLog] = await Promise.all([
    current === 'find' || policy.mayImpersonate(request, real),
    current !== 'find' || (log !== null && policy.mayAdminister(request, real))
  ])
  const links: Array<{ name: Place, href: string, isThere: boolean }> = [
    { name: 'find', href: urlOf(settings, 'search', null), isThere: mayFind },
    { name: 'sessions', href: urlOf(settings, 'sessions', null), isThere: maySeeLog },
    { name: 'log', href: urlOf(settings, 'log', null), isThere: maySeeLog }
  ]
  return {
    me: settings.nameOf(real),
    back: settings.redirectUrl,
    links: links.filter(({ isThere }) => isThere).map(({ name, href }) => ({ name, href, isCurrent: name === current }))
  }
}
