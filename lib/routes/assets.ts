import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The stylesheet, under a name that changes with its content. */
export function readStylesheet (): { path: string, content: string } {
  const content = readFileSync(createRequire(import.meta.url).resolve('#views/impersonate.css'), 'utf8')
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 12)
  return { path: `/-/impersonate.${hash}.css`, content }
}
