import { build } from 'esbuild'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ownFile } from '../../dist/lib/views/own-file.js'
import { root, run } from '../kit/built.js'

const APP = `
  import cookie from '@fastify/cookie'
  import Fastify from 'fastify'
  import impersonate, { memoryUsers } from 'fastify-impersonate'

  const app = Fastify()
  app.register(cookie)
  app.register(impersonate, { users: memoryUsers([{ id: 1, username: 'ada', isSuperuser: true }]), getRealUser: () => null, databaseUrl: 'file:./log.db' })
  app.ready().then(() => console.log('ready'), error => console.log(error.code, error.message)).then(() => app.close())
`

/** What an application says that esbuild has put into one file, in a folder outside of this package. */
async function bundled (t: Test, format: 'esm' | 'cjs', external: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fastify-impersonate-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'app.js'), APP)
  const outfile = join(folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs')
  await build({
    entryPoints: [join(folder, 'app.js')],
    outfile,
    bundle: true,
    platform: 'node',
    format,
    // What CommonJS packages need in a bundle of modules.
    ...format === 'esm' ? { banner: { js: 'import { createRequire as newRequire } from "node:module"; const require = newRequire(import.meta.url)' } } : {},
    alias: { 'fastify-impersonate': join(root, 'dist/index.js') },
    external: ['fastify', '@fastify/*', '@prisma/*', ...external],
    logLevel: 'silent'
  })
  const { exit, output } = run([outfile], {}, folder)
  await exit
  return output.text
}

for (const format of ['esm', 'cjs'] as const) {
  t.test(`an application that is bundled as ${format} is told to leave the package out`, async t => {
    t.match(await bundled(t, format, []), /^FST_IMPERSONATE_MISSING_FILES .*external: fastify-impersonate/)
  })
}

t.test('a file that is not there says the same', async t => {
  t.match(ownFile('layout.eta'), /layout\.eta$/)
  t.throws(() => ownFile('no-such-file.eta'), { code: 'FST_IMPERSONATE_MISSING_FILES' })
})

t.test('and works where it does', async t => {
  t.match(await bundled(t, 'esm', [join(root, 'dist/index.js')]), /^ready/)
})
