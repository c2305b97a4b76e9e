/** Whether this is `npm run test:services`, or all of it: only then anything looks for a database, a store or a browser. */
export const isAskedFor = process.env['TEST_SERVICES'] !== undefined

/** Why a test is skipped in `npm test`. */
export function notAskedFor (what: string): string {
  return `${what} is part of npm run test:services`
}

/** Options of a test that needs no service, but its time. */
export const needsTime = isAskedFor ? {} : { skip: notAskedFor('what takes many rounds') }
