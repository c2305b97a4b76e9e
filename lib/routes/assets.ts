import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export interface Asset {
  /** Below the prefix; changes with the content. */
  path: string
  type: string
  content: string
}

const TYPES = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' }

/** A file of views/, under a name that changes with its content. */
export function readAsset (name: string, kind: keyof typeof TYPES): Asset {
  const content = readFileSync(createRequire(import.meta.url).resolve(`#views/${name}.${kind}`), 'utf8')
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 12)
  return { path: `/-/${name}.${hash}.${kind}`, type: TYPES[kind], content }
}

/** What the pages load. */
export const readAssets = (): Record<'stylesheet' | 'script', Asset> => ({
  stylesheet: readAsset('impersonate', 'css'), script: readAsset('impersonate', 'js')
})
