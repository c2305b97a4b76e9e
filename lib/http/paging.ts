type Fields = Record<string, string | undefined>

interface Found<Item> {
  users: readonly Item[]
  hasNext: boolean
  hasPrevious: boolean
}

/** Where a page stands among its neighbours: Django's page object, with addresses. */
export interface PageLinks {
  number: number | null
  hasNext: boolean
  hasPrevious: boolean
  next: string | null
  previous: string | null
}

/** Django's paginator, with a count that stops at `countLimit`. */
export interface Paginator {
  count: number
  countIsExact: boolean
  numPages: number
  perPage: number
}

export function paginatorOf (
  { count, countIsExact }: { count: number, countIsExact: boolean }, perPage: number
): Paginator {
  return { count, countIsExact, numPages: Math.max(1, Math.ceil(count / perPage)), perPage }
}

/**
 * The links of a page of users. They start from its first and last user, so that nobody is skipped or seen twice where
 * people come and go meanwhile. `number` is null where the page was reached by such a link.
 */
export function cursorPage<Item> (
  path: string, query: Fields, number: number | null, found: Found<Item>, idOf: (item: Item) => string
): PageLinks {
  const { users, hasNext, hasPrevious } = found
  const [first, last] = [users.at(0), users.at(-1)]
  // What was there when the link was made may be gone: then back by number, or to the first page.
  const nowhere = number === null ? addressOf(path, query) : addressOf(path, { ...query, page: String(number - 1) })
  const previous = first === undefined ? nowhere : addressOf(path, { ...query, before: idOf(first) })
  const next = last === undefined ? addressOf(path, query) : addressOf(path, { ...query, after: idOf(last) })
  return {
    number, hasNext, hasPrevious, next: hasNext ? next : null, previous: hasPrevious && number !== 1 ? previous : null
  }
}

/** The links of page `number` of an address whose other query fields stay as they are. */
export function numberedPage (path: string, query: Fields, number: number, hasNext: boolean): PageLinks {
  const address = (page: number) => addressOf(path, { ...query, page: String(page) })
  return {
    number,
    hasNext,
    hasPrevious: number > 1,
    next: hasNext ? address(number + 1) : null,
    previous: number > 1 ? address(number - 1) : null
  }
}

/** An address with those of the fields that say something. */
export function addressOf (path: string, query: Fields): string {
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') fields.set(name, value)
  return fields.size === 0 ? path : `${path}?${fields}`
}
