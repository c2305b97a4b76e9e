// Breaks each law in a copy of this checkout, and shows which tests notice: `npm run check:laws`, or with words of one break.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { breaks } from './breaks.mjs'

const here = fileURLToPath(new URL('../..', import.meta.url))
const asked = process.argv.slice(2).join(' ')
const folder = mkdtempSync(join(tmpdir(), 'fastify-impersonate-laws-'))
process.on('exit', () => { rmSync(folder, { recursive: true, force: true }) })
cpSync(here, folder, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, filter: path => !/[/\\]\.(?:git|tap)$/.test(path) })

let unnoticed = 0
for (const { law, breaks: what, file, from, to, test } of breaks.filter(({ breaks }) => breaks.includes(asked))) {
  const path = join(folder, file)
  const code = readFileSync(path, 'utf8')
  if (code.split(from).length !== 2) throw new Error(`${file} has ${from} not once: mend test/laws/breaks.mjs`)
  writeFileSync(path, code.replace(from, () => to))
  const red = redTests(test)
  writeFileSync(path, code)
  if (red.length === 0) unnoticed++
  console.log(`${law}. ${what}: ${red.length === 0 ? 'NOT NOTICED by' : `${red.length} red in`} ${test}${red.slice(0, 3).map(name => `\n     ${name}`).join('')}`)
}
console.log(unnoticed === 0 ? 'Every break was noticed.' : `${unnoticed} not noticed.`)
process.exitCode = unnoticed === 0 ? 0 : 1

/** The tests that failed, by those of their names that tell something. */
function redTests (test) {
  const { stdout, status } = spawnSync(process.execPath, ['test/kit/try.mjs', '--all', test], { cwd: folder, encoding: 'utf8', maxBuffer: 1e9, timeout: 300_000 })
  const failed = [...stdout.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([line, name]) => name.replace(/ # time=.*/, ''))
  const names = failed.filter(name => !name.startsWith('should '))
  if (failed.length > 0) return [...new Set(names.length > 0 ? names : failed)]
  if (status !== 0) throw new Error(`${test} did not run:\n${stdout.slice(-2000)}`)
  return []
}
