import { createRequire } from 'node:module'
import { FST_IMPERSONATE_MISSING_FILES } from '../errors.js'

/**
 * The path of a file of views/. Asked for when it is needed and not when this is imported, so that the error has a
 * cure.
 *
 * @throws FST_IMPERSONATE_MISSING_FILES in a bundle, which has the code alone
 */
export function ownFile (name: string): string {
  try {
    return createRequire(import.meta.url).resolve(`#views/${name}`)
  } catch (cause) {
    throw new FST_IMPERSONATE_MISSING_FILES({ cause })
  }
}
