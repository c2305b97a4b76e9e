// Runs what a change concerns, as soon as it is saved: `npm run test:watch`. For a file of lib/ that is the test of its name, or else its room's tests.
import { existsSync, watch } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { root } from './fresh.mjs'
import { run, testFiles } from './try.mjs'

/** The tests that a change of this file concerns. */
export function testsOf (file) {
  if (file.endsWith('.test.ts')) return existsSync(join(root, file)) ? [file] : []
  const room = dirname(file).replace(/^lib/, 'test')
  const name = basename(file).replace(/(\.suite)?\.\w+$/, '')
  const named = testFiles().filter(test => test.startsWith(`${room}/`) && basename(test) === `${name}.test.ts`)
  if (named.length > 0) return named
  if (/^(README\.md|docs)/.test(file)) return ['test/docs/docs.test.ts']
  return room.startsWith('test/') && room !== 'test/kit' ? testFiles().filter(test => test.startsWith(`${room}/`)) : []
}

const changed = new Set()
const isSource = name => /\.(ts|mjs|md|eta)$/.test(name) && !/(^|\/)generated\//.test(name)
for (const folder of ['lib', 'test', 'docs']) {
  watch(join(root, folder), { recursive: true }, (event, name) => {
    if (name !== null && isSource(name)) changed.add(`${folder}/${name.replaceAll(sep, '/')}`)
  })
}

console.log('Save a file of lib/, test/ or docs/, and its tests run')
for (;;) {
  await pause(100)
  const files = [...new Set([...changed].flatMap(testsOf))].sort()
  changed.clear()
  if (files.length === 0) continue
  try {
    await run(files)
  } catch (error) {
    // The build has said what is wrong with a source.
    console.error(error.message)
  }
}
