import type { FastifyRequest } from 'fastify'
import type { Context } from '../context.js'
import { asRealUser } from '../overlay.js'
import { mayAdminister, mayImpersonate } from '../policy.js'
import type { User } from '../types.js'
import { urlOf } from '../urls.js'
import { within } from '../within.js'

type Place = 'find' | 'sessions' | 'log'

/** The links at the top of a page: to where this person may go. */
export interface Navigation {
  me: string
  back: string
  links: Array<{ name: Place, href: string, isCurrent: boolean }>
}

/** For pages that only somebody who is signed in gets to. */
export async function navigationOf ({ settings, log }: Context, request: FastifyRequest, current: Place): Promise<Navigation> {
  const real: User = Object(request.realUser)
  const shown = asRealUser(request)
  const [mayFind, maySeeLog] = await Promise.all([
    current === 'find' || within(settings.timeout, '"customAllow" did not answer', async () => await mayImpersonate(settings, real, shown)),
    current !== 'find' || (log !== null && within(settings.timeout, '"adminAllow" did not answer', async () => await mayAdminister(settings, real, shown)))
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
