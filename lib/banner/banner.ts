import type { FastifyReply, FastifyRequest } from 'fastify'
import { urlOf } from '../http/urls.js'
import { readBanner } from '../options/banner.js'
import { overlayOf } from '../overlay/overlay.js'
import type { Settings } from '../settings.js'
import { readAsset } from '../views/assets.js'
import { asciiHtml, fill } from './ascii.js'
import type { Insertion } from './insert.js'
import { createTimeLeft } from './time-left.js'

/** The banner of a request; null where it does not impersonate. */
export type Banner = (request: FastifyRequest) => Insertion | null

/**
 * The banner is a custom element, and all of it is in a declarative shadow root: the page's styles, scripts and forms
 * do not reach into it, nor its own out of it. Its stylesheet is a file, as a strict policy forbids inline styles there
 * as well.
 */
export function createBanner (settings: Settings): Banner {
  const { base, now, language } = settings
  const { raw } = language
  const { position, label, script } = settings.banner === false ? readBanner({}, language) : settings.banner
  const [stylesheet, scriptFile, stop] = [base + readAsset('banner.css').path, base + readAsset('banner.js').path, urlOf(settings, 'stop', null)].map(asciiHtml)
  const timeLeft = createTimeLeft(language)
  const stopText = fill(raw('banner.stop'), {})

  return request => {
    const overlay = overlayOf(request)
    if (overlay === null) return null
    const { row, reply, impersonation: { id, expiresAt, readOnly, reason } } = overlay
    const sees = fill(raw('banner.sees'), { user: `<b><bdi>${asciiHtml(row.impersonatingName)}</bdi></b>` })
    const facts = [
      fill(raw('banner.really'), { impersonator: `<b><bdi>${asciiHtml(row.impersonatorName)}</bdi></b>` }),
      readOnly ? `<em>${fill(raw('banner.readOnly'), {})}</em>` : `<strong>${fill(raw('banner.writable'), {})}</strong>`,
      ...expiresAt === null ? [] : [timeLeft(expiresAt, now())],
      ...reason === null ? [] : [fill(raw('banner.reason'), { reason: `<bdi>${asciiHtml(reason)}</bdi>` })]
    ]
    const link = `<link rel="stylesheet" href="${stylesheet}"${nonceOf(reply, 'style')}>`
    const shadow = `<section aria-label="${asciiHtml(label)}" lang="${language.lang}" dir="${language.dir}">` +
      `<details open data-id="${asciiHtml(id)}"><summary>${sees}</summary><ul>${facts.map(fact => `<li>${fact}</li>`).join('')}</ul></details>` +
      `<form method="post" action="${stop}"><button>${stopText}</button></form></section>` +
      (script ? `<script type="module" async src="${scriptFile}"${nonceOf(reply, 'script')}></script>` : '')
    return {
      // What follows the template is for browsers that do not know declarative shadow roots: all others show the shadow
      // in its place.
      first: element(position, link + shadow, `${sees} <a href="${stop}">${stopText}</a>`),
      last: position === 'bottom' ? element('room', link, '') : ''
    }
  }
}

function element (position: string, shadow: string, light: string): string {
  return `<impersonate-banner position="${position}"><template shadowrootmode="open" shadowrootclonable>${shadow}</template>${light}</impersonate-banner>`
}

/** The nonce of this answer, where the application has one: @fastify/helmet's `enableCSPNonces` puts it there. */
function nonceOf (reply: FastifyReply, kind: 'script' | 'style'): string {
  const nonce: unknown = Reflect.get(Object(Reflect.get(reply, 'cspNonce')), kind)
  return typeof nonce === 'string' ? ` nonce="${asciiHtml(nonce)}"` : ''
}
