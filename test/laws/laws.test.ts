import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { root } from '../kit/built.js'

/** As anything: the list is JavaScript, for the command that has nothing to compile it. */
const { breaks } = await import(String(new URL('breaks.mjs', import.meta.url)))

t.test('each law of SECURITY.md can be broken as test/laws/breaks.mjs says, and names the test that would notice', async t => {
  const laws = readFileSync(join(root, 'SECURITY.md'), 'utf8').split(/^(?=\d+\. )/m).slice(1)
  t.same([...new Set(breaks.map(({ law }: { law: number }) => law))], laws.map((text, index) => index + 1))
  for (const { law, breaks: what, file, from, test } of breaks) {
    t.equal(readFileSync(join(root, file), 'utf8').split(from).length, 2, `${law}. ${what}: ${file}`)
    t.ok(existsSync(join(root, `test/${test}.test.ts`)), test)
  }
})

t.test('SECURITY.md names each test that notices', async t => {
  const laws = readFileSync(join(root, 'SECURITY.md'), 'utf8').split(/^(?=\d+\. )/m).slice(1)
  for (const { law, test } of breaks) t.match(laws[law - 1], `\`${basename(test)}\``, `${law}: ${test}`)
})
