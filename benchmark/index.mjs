// `npm run bench`: everything, side by side, in one run. `npm run bench -- --only search --users 10000` for a look at one subject.
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { describeMachine, printSubject, writeResults } from './report.mjs'

const SUBJECTS = ['start-up', 'hook', 'plain', 'impersonating', 'search', 'growth', 'soak']

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: SUBJECTS.join(',') },
    users: { type: 'string', default: '1000000' },
    logs: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '1' },
    soak: { type: 'string', default: '300' },
    python: { type: 'string', default: existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3' }
  }
})
const number = name => {
  const value = Number(values[name])
  if (!(value > 0)) giveUp(`--${name} takes a number above 0`)
  return value
}
const only = values.only.split(',')
const unknown = only.find(name => !SUBJECTS.includes(name))
if (unknown !== undefined) giveUp(`There is no subject "${unknown}"; there are ${SUBJECTS.join(', ')}`)
if (!existsSync(new URL('../dist/index.js', import.meta.url))) giveUp('The package is not built yet: npm run build')
if (!existsSync(new URL('generated/dist/sqlite/client.js', import.meta.url))) await import('./generate.mjs')

const sizes = { users: number('users'), logs: number('logs'), rounds: number('rounds'), seconds: number('seconds'), soak: number('soak'), python: values.python }
const machine = await describeMachine()
console.log(machine.join('\n'))
const done = []
for (const name of only) {
  const { title, run } = await import(`./subjects/${name}.mjs`)
  console.log(`\n== ${title}`)
  const subject = { title, ...await run(sizes) }
  printSubject(subject)
  done.push(subject)
}
const isComplete = only.length === SUBJECTS.length && process.argv.length === 2
if (isComplete) await writeResults(machine, done)
else console.log('\nNot all of it in full size: benchmark/RESULTS.md stays as it is')
process.exit(0)

function giveUp (message) {
  console.error(message)
  process.exit(1)
}
