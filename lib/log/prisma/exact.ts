import type { LogRow } from '../store.js'

/** Whose rows are asked for. */
interface People {
  impersonator?: string | undefined
  impersonating?: string | undefined
}

/**
 * Whether a row is of these very people. The usual collations of MySQL and MariaDB find `SAM` and `s\u00e1m` for `sam`,
 * and take no notice of spaces at the end.
 */
export function isOf ({ impersonator, impersonating }: People, row: LogRow): boolean {
  return (impersonator ?? row.impersonatorId) === row.impersonatorId &&
    (impersonating ?? row.impersonatingId) === row.impersonatingId
}

/**
 * So many rows of these very people. Where what is found is of others, it is asked for more.
 *
 * @param find at most `batch` rows behind this one; without it the first
 */
export async function rowsOf (
  people: People, most: number, batch: number, find: (after: LogRow | undefined) => Promise<LogRow[]>
): Promise<LogRow[]> {
  const theirs: LogRow[] = []
  let last: LogRow | undefined
  for (;;) {
    const found = await find(last)
    theirs.push(...found.filter(row => isOf(people, row)))
    if (found.length < batch || theirs.length >= most) return theirs.slice(0, most)
    last = found.at(-1)
  }
}
