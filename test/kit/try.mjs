// Runs single test files without coverage: `npm run try -- redirect`, or part of a path, `npm run try -- routes/`. It says what fails, what is skipped
// and what the tests print; with --all it says everything.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { argv, env, execPath, exit } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freshen, root } from './fresh.mjs'

export const testFiles = () => readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.test.ts'))
  .map(name => `test/${name.replaceAll(sep, '/')}`)
  .sort()

/** The files of these names, or else those with this text in their path. */
function filesOf (word) {
  const asked = relative(root, join(root, word)).replaceAll(sep, '/').replace(/(\.test)?\.ts$/, '') + (word.endsWith('/') ? '/' : '')
  const named = testFiles().filter(file => `/${file}`.endsWith(`/${asked}.test.ts`))
  return named.length > 0 ? named : testFiles().filter(file => file.includes(asked))
}

/** Resolves to whether all is well. */
export async function run (files, showsAll = false) {
  freshen()
  let isWell = true
  for (const file of files) isWell = await runOne(file, showsAll) && isWell
  return isWell
}

/** As tap starts it, but for coverage and for tap itself, which takes longer to start than most files to run. */
async function runOne (file, showsAll) {
  const started = Date.now()
  const child = spawn(execPath, ['--enable-source-maps', '--import', './test/kit/typescript.mjs', file], {
    cwd: root,
    env: {
      ...env, TAP_TIMEOUT: '300', ...file.startsWith('test/services/') ? { TEST_SERVICES: '1' } : {}
    },
    stdio: ['inherit', 'pipe', 'inherit']
  })
  let [tells, isDetail, summary] = [false, false, '']
  createInterface({ input: child.stdout }).on('line', line => {
    const text = line.trim()
    if (/^# \{ total/.test(line)) summary = line.replace(/^# \{ | \}$/g, '')
    if (!isDetail && /^(not )?ok\b/.test(text)) tells = text.startsWith('not ok') || text.includes(' # SKIP')
    const isNoise = /^(# (Subtest|time=|\{ total)|\d+\.\.\d+|TAP version|[{}]?$)/.test(text)
    if (!isDetail) isDetail = text === '---'
    if (showsAll || (isDetail || /^(not )?ok\b/.test(text) ? tells : !isNoise)) console.log(line)
    if (text === '...') isDetail = false
  })
  const [code] = await once(child, 'close')
  console.log(`${code === 0 ? 'ok' : 'NOT OK'} ${file}: ${summary === '' ? 'it did not end' : summary}, ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return code === 0
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const words = argv.slice(2).filter(word => word !== '--all')
  const files = [...new Set(words.flatMap(filesOf))]
  if (files.length === 0) {
    console.error(words.length === 0 ? 'npm run try -- NAME' : `No test has ${words.join(' or ')} in its path`)
    exit(1)
  }
  exit(await run(files, argv.includes('--all')) ? 0 : 1)
}
