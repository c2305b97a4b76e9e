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

export function paginatorOf ({ count, countIsExact }: { count: number, countIsExact: boolean }, perPage: number): Paginator {
  return { count, countIsExact, numPages: Math.max(1, Math.ceil(count / perPage)), perPage }
}

/** The links of page `number` of an address whose other query fields stay as they are. */
export function numberedPage (path: string, query: Record<string, string | undefined>, number: number, hasNext: boolean, hasPrevious = number > 1): PageLinks {
  const address = (page: number) => {
    const fields = new URLSearchParams()
    for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') fields.set(name, value)
    fields.set('page', String(page))
    return `${path}?${fields}`
  }
  return {
    number, hasNext, hasPrevious, next: hasNext ? address(number + 1) : null, previous: hasPrevious && number > 1 ? address(number - 1) : null
  }
}
