// `npm run soak -- --seconds 60`: the soak alone, which fails where anything was wrong. CI=true makes a missing service a failure.
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '300' } } })
const seconds = Number(values.seconds)
if (!(seconds >= 5)) {
  console.error('--seconds takes a number from 5')
  process.exit(1)
}
if (!existsSync(new URL('generated/dist/postgresql/client.js', import.meta.url))) await import('./generate.mjs')
const { judge } = await import('./soak/judge.mjs')
const { missingForSoak, soak } = await import('./soak/run.mjs')

const missing = await missingForSoak()
if (missing !== null) {
  console.error(`skipped: ${missing}`)
  process.exit(process.env.CI === 'true' ? 1 : 0)
}
const result = await soak(seconds, console.log)
const { lines, faults } = judge(result)
console.log(lines.join('\n'))
for (const fault of faults) console.error(`wrong: ${fault}`)
process.exit(faults.length === 0 ? 0 : 1)
