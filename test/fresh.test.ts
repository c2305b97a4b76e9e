import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import t from 'tap'
import { root, run } from './kit/built.js'

t.test('TypeScript 7 starts from within a test run, as what makes dist and the demo\'s client does', async t => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('@typescript/native/package.json')), 'lib/tsc.js')
  const check = run([tsc, '--version'])
  t.equal(await check.exit, 0, check.output.text)
  t.match(check.output.text, /Version 7/)
})

t.test('what is up to date is not made again', async t => {
  const fresh = run(['test/kit/fresh.mjs'])
  t.equal(await fresh.exit, 0)
  t.equal(fresh.output.text, '')
  t.match((await Promise.all([run([join(root, 'test/kit/try.mjs'), 'no-such-test'])].map(async ({ exit, output }) => [await exit, output.text])))[0], [1, 'No test has no-such-test in its path'])
})
