import type { FastifyRequest } from 'fastify'
import { urlOf } from '../http/urls.js'
import { stateOf } from '../overlay/page-state.js'
import type { Settings } from '../settings.js'
import { readAsset } from './assets.js'

/** The script that views/page-state.js is, for a page of the application's own. */
export function scriptTag (settings: Settings, request?: FastifyRequest, { nonce }: { nonce?: string } = {}): string {
  const attributes = {
    src: settings.base + readAsset('page-state.js').path,
    'data-impersonate-status': urlOf(settings, 'status', null),
    ...request === undefined ? {} : { 'data-impersonate-state': stateOf(request) },
    ...nonce === undefined ? {} : { nonce }
  }
  const written = Object.entries(attributes).map(([name, value]) => `${name}="${escaped(value)}"`)
  return `<script type="module" async ${written.join(' ')}></script>`
}

function escaped (text: string): string {
  return text.replace(/[&"<]/g, character => `&#${character.charCodeAt(0)};`)
}
