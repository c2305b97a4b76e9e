export type IdType = 'string' | 'int' | 'bigint'

const RANGE = {
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n]
} as const

/** An id as the database takes it; null where the text is no id of this type: `04`, `1e3` and `4 ` are not `4`. */
export function parseId (text: string, type: IdType): string | number | bigint | null {
  if (type === 'string') return text === '' || text.includes('\0') ? null : text
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return null
  const value = BigInt(text)
  const [least, most] = RANGE[type]
  if (value < least || value > most) return null
  return type === 'int' ? Number(value) : value
}

/** Numbers by size, texts by code unit: the order of `memoryUsers`. */
export function compareIds (a: unknown, b: unknown): number {
  const [left, right] = isNumeric(a) && isNumeric(b) ? [a, b] : [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function isNumeric (value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}
