/** A day alone is its start, a time without zone is in UTC; null where there is no such date. */
export function parseDate (text: string): Date | null {
  const day = text.slice(0, 10)
  const date = new Date(/T.*(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`)
  return Number.isNaN(date.getTime()) || !isDay(day) || date.getUTCFullYear() < 1 ? null : date
}

/** JavaScript takes 31 February for 3 March. */
function isDay (text: string): boolean {
  const day = new Date(text)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}
