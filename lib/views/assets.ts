import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { ownFile } from './own-file.js'

/** A file of views/ that browsers fetch. */
export interface Asset {
  /** Below the plugin's prefix. */
  path: string
  type: string
  content: string
}

const TYPES = { '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8' }

/** A file of views/ under a name that changes with its content. */
export function readAsset (file: `${string}${keyof typeof TYPES}`): Asset {
  const content = readFileSync(ownFile(file), 'utf8')
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 12)
  const extension = extname(file)
  const path = `/-/${file.slice(0, -extension.length)}.${hash}${extension}`
  return { path, type: extension === '.js' ? TYPES['.js'] : TYPES['.css'], content }
}
