import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { FST_IMPERSONATE_TEMPLATE } from '../errors.js'
import type { Settings } from '../settings.js'
import { readAsset } from './assets.js'
import { ownFile } from './own-file.js'

/** The plugin's pages, each the name of its template. */
export type Page = 'list' | 'search' | 'log' | 'log-entry' | 'sessions' | 'ask' | 'ended' | 'error' | 'link'

/** Renders the plugin's pages. */
export interface Views {
  /** Puts @fastify/view and Eta into a scope of the plugin's own: the application's are not touched. */
  register (scope: FastifyInstance): Promise<void>
  /** @throws FST_IMPERSONATE_TEMPLATE where a template cannot be rendered */
  render (page: Page, data: object): Promise<string>
}

const NAME = 'impersonateView'

export function createViews ({ views: own, base, language }: Settings): Views {
  const { lang, dir, t, has, format } = language
  const bundled = dirname(ownFile('layout.eta'))
  const stylesheet = `${base}${readAsset('impersonate.css').path}`
  const script = `${base}${readAsset('impersonate.js').path}`
  const everywhere = { base, stylesheet, script, lang, dir, t, has, format, nav: null }
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
      const compile = eta.compile.bind(eta)
      eta.compile = (template, options) => {
        const { filepath }: { filepath?: string } = { ...options }
        const rendered = naming(filepath, () => compile(template, options))
        return (...data) => naming(filepath, () => rendered.apply(eta, data))
      }
      await scope.register(view, { engine: { eta }, root: bundled, propertyName: NAME })
      renderPage = Reflect.get(scope, NAME)
    },

    async render (page, data) {
      if (typeof renderPage !== 'function') throw new TypeError('The views are not registered')
      return await renderPage(page, { ...everywhere, ...data })
    }
  }
}

/** Says which file is broken: the innermost, where one includes another. */
function naming<Result> (path: string | undefined, work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof FST_IMPERSONATE_TEMPLATE) throw cause
    throw new FST_IMPERSONATE_TEMPLATE(basename(String(path)), { cause })
  }
}
