import { pipeline, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** Content codings that a page can be taken out of: a server of static files sends what was compressed beforehand. */
const DECODERS = new Map<string, () => Transform>([
  ['gzip', createGunzip], ['x-gzip', createGunzip], ['deflate', createInflate], ['br', createBrotliDecompress]
])

export function canDecode (encoding: string): boolean {
  return DECODERS.has(encoding)
}

/** A page without its content coding; as it is where it has none. */
export function decode (page: NodeJS.ReadableStream, encoding: string): NodeJS.ReadableStream {
  const decoder = DECODERS.get(encoding)?.()
  if (decoder === undefined) return page
  // Its error is the decoder's, too; whoever reads that sees it.
  pipeline(page, decoder, () => {})
  return decoder
}
