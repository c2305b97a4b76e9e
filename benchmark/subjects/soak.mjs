import { judge } from '../soak/judge.mjs'
import { missingForSoak, soak } from '../soak/run.mjs'

export const title = 'Soak: two processes on PostgreSQL and Redis, 200 connections'

export async function run ({ soak: seconds }) {
  const missing = await missingForSoak()
  if (missing !== null) return { skipped: [missing] }
  const result = await soak(seconds, console.log)
  const { faults, lines: [, counts] } = judge(result)
  const share = ratios => ratios.map(ratio => `${ratio.toFixed(2)} ×`).join(' and ')
  return {
    results: [
      { what: `${seconds} seconds, every answer checked`, measured: `${result.requests} answers, ${result.wrong.length} wrong`, more: `${Math.round(result.requests / seconds)} a second`, goal: 'none wrong' },
      { what: 'Rows left open', measured: String(result.rows.null ?? 0), more: counts, goal: '0' },
      { what: 'Heap after collection, at the end to the middle', measured: share(result.heap), goal: 'flat' },
      { what: 'Open handles, at the end to the middle', measured: share(result.handles), goal: 'flat' }
    ],
    notes: faults.map(fault => `wrong: ${fault}`)
  }
}
