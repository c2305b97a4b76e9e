/** The headers that `writeHead` was given, in whichever of Node's ways. What a list says twice is two headers. */
export function headersOf (given: unknown): Record<string, unknown> {
  const headers: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Array.isArray(given) ? pairsOf(given) : Object.entries(Object(given))) {
    const key = String(name).toLowerCase()
    headers[key] = key in headers ? [headers[key], value].flat() : value
  }
  return headers
}

/** A list of pairs, or of names and values in turn. */
function pairsOf (list: unknown[]): unknown[][] {
  if (list.every(pair => Array.isArray(pair))) return list
  return Array.from({ length: Math.ceil(list.length / 2) }, (_, index) => list.slice(2 * index, 2 * index + 2))
}
