/**
 * What may follow the prefix and is a page, so that it is never taken for a user's id.
 * A redirect may lead to the harmless ones. Below the others something starts, stops or is changed.
 */
const ALL = [
  { name: 'stop', isHarmless: false },
  { name: 'list', isHarmless: true },
  { name: 'search', isHarmless: true },
  { name: 'log', isHarmless: true },
  { name: 'sessions', isHarmless: true },
  { name: 'status', isHarmless: true },
  { name: '-', isHarmless: false }
] as const

export type PageName = typeof ALL[number]['name']

/** The path of a route below the prefix. One whose first part is not in the list does not compile. */
export type PagePath = '/' | '/:userId' | `/${PageName}` | `/${PageName}/${string}`

export const PAGES: readonly PageName[] = ALL.map(({ name }) => name)

const pages = new Set<string>(PAGES)
// The prefix alone leads to the search.
const harmless = new Set<string>(['', ...ALL.filter(({ isHarmless }) => isHarmless).map(({ name }) => name)])

export function isPage (name: string): name is PageName {
  return pages.has(name)
}

/** Whether a redirect may lead to the page of this name; not where it is no page but a user's id. */
export function isHarmless (name: string): boolean {
  return harmless.has(name)
}
