import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../kit/built.js'
import { blocksOf, pages, textOf } from '../kit/pages.js'

// Each block is a compilation of its own, as an application does it with every check on.
t.setTimeout(240_000)

const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js')
const compilerOptions = {
  target: 'es2023', module: 'nodenext', strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false, types: ['node'], noEmit: true
}

/** What an application may rely on beside each block; the file name says which one. */
const USES: Record<string, string> = {
  'register.ts': `
    const name: string | undefined = request.user?.username
    const masked: true | undefined = request.user?.isImpersonate
    const isStaff: boolean | undefined = request.user?.kind === 'employee' ? request.user.isStaff : undefined
    const nobody: boolean = request.user === null`,
  'session.ts': `
    request.session.set('userId', '7')
    const userId: string | undefined = request.session.get('userId')
    // @ts-expect-error an id of another type
    request.session.set('userId', 7)`,
  'passport.ts': `
    const name: string | undefined = request.user?.username
    const masked: true | undefined = request.user?.isImpersonate`,
  'jwt.ts': `
    const name: string | undefined = request.user?.username
    const masked: true | undefined = request.user?.isImpersonate
    const sid: string | undefined = request.token?.sid`
}

const blocks = pages().flatMap(page => blocksOf(textOf(page)).filter(({ language, file }) => language === 'ts' && file !== null).map(block => ({ page, ...block })))

for (const { page, file, code } of blocks) {
  t.test(`${page}: ${file} compiles with skipLibCheck off, and request.user is the application's own`, async t => {
    const use = file === null ? undefined : USES[file]
    if (file === null || use === undefined) throw new Error(`There is nothing to use ${file} for: add it to USES`)
    const folder = t.testdir({
      'tsconfig.json': JSON.stringify({ compilerOptions, files: [file, 'use.ts'] }),
      'use.ts': `import type { FastifyRequest } from 'fastify'
        export function use (request: FastifyRequest) {
          const impersonator: string | null | undefined = request.impersonator?.username
          // @ts-expect-error a field that nobody has
          request.realUser?.nobody
          ${use}
        }
        declare module 'fastify' {
          interface FastifyRequest { ofTheApplication: string }
        }`
    })
    writeFileSync(join(folder, file), code)
    const compilation = run([tsc, '-p', '.'], {}, folder)
    await compilation.exit
    // @fastify/passport's types want @types/passport, whether they are used or not.
    t.equal(compilation.output.text.replace(/^.*@fastify\/passport.*Cannot find module 'passport'.*\n/m, ''), '')
  })
}
