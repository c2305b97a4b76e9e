import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Settings } from './options.js'
import { readAsset } from './routes/assets.js'

/** The plugin's pages, each the name of its template. */
export type Page = 'list' | 'search' | 'log' | 'log-entry' | 'sessions' | 'ask' | 'ended' | 'error' | 'link'

/** Renders the plugin's pages. */
export interface Views {
  /** Puts @fastify/view and Eta into a scope of the plugin's own: the application's are not touched. */
  register (scope: FastifyInstance): Promise<void>
  render (page: Page, data: object): Promise<string>
}

const NAME = 'impersonateView'
const bundled = dirname(createRequire(import.meta.url).resolve('#views/layout.eta'))

export function createViews ({ views: own, base }: Settings): Views {
  const stylesheet = `${base}${readAsset('impersonate.css').path}`
  let renderPage: unknown

  return {
    async register (scope) {
      const [{ default: view }, { Eta }] = await Promise.all([import('@fastify/view'), import('eta')])
      const eta = new Eta()
      // An own folder replaces the bundled one file by file.
      eta.resolvePath = template => {
        const file = template.endsWith('.eta') ? template : `${template}.eta`
        const replaced = join(own ?? bundled, file)
        return existsSync(replaced) ? replaced : join(bundled, file)
      }
      await scope.register(view, { engine: { eta }, root: bundled, propertyName: NAME })
      renderPage = Reflect.get(scope, NAME)
    },

    async render (page, data) {
      if (typeof renderPage !== 'function') throw new TypeError('The views are not registered')
      try {
        return await renderPage(page, { ...data, base, stylesheet })
      } catch (cause) {
        throw new Error(`fastify-impersonate: the page ${page}.eta, or one that it includes, cannot be rendered`, { cause })
      }
    }
  }
}
