import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import { root, run, until } from './built.js'
import { visitor } from './visitor.js'

/** A fenced block of a page. One whose first line is a comment with a path is that file. */
export interface Block {
  language: string
  file: string | null
  code: string
}

/** README.md and every page in docs/. */
export function pages (): string[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.md'))
  return ['README.md', ...docs.map(name => join('docs', name)).sort()]
}

export function textOf (page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

/** The blocks of a page or of a part of it, without the indentation of the list that they may stand in. */
export function blocksOf (text: string): Block[] {
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(([, indent = '', language = '', body = '']) => {
    const code = body.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    return { language, code, file: /^(?:\/\/|#|<!--|<%\/\*|--) ([\w./-]+\.\w+)/.exec(code)?.[1] ?? null }
  })
}

/** Puts the files of a page into a folder, as its reader would. */
export function writeFiles (text: string, folder: string): void {
  for (const { file, code } of blocksOf(text)) {
    if (file === null) continue
    mkdirSync(join(folder, dirname(file)), { recursive: true })
    writeFileSync(join(folder, file), code)
  }
}

/** Runs the files of a page as they stand, in a folder of their own: the reader's `node app.mjs`. */
export async function startPage (t: Test, page: string, env: NodeJS.ProcessEnv = {}, folder = t.testdir()) {
  writeFiles(textOf(page), folder)
  const app = run(['app.mjs'], { PORT: '0', ...env }, folder)
  t.teardown(async () => { app.child.kill('SIGKILL'); await app.exit })
  const [, origin = ''] = await until(app, /Open (http:\/\/localhost:\d+)\//)
  return { app, origin, folder }
}

type Visitor = ReturnType<typeof visitor>
const SAM = { user: 'sam' }
const CARL_BY_SAM = { user: 'carl', impersonator: 'sam' }

/** Sam, by the sign-in that most pages have. */
export async function signedIn (origin: string, headers?: Record<string, string>): Promise<Visitor> {
  const sam = visitor(origin, headers)
  await sam.get('/login?id=1')
  return sam
}

/** Sam, who is signed in, becomes Carl, is seen as Carl, and is Sam again. */
export async function impersonateAndStop (t: Test, sam: Visitor, carl = '2'): Promise<void> {
  t.strictSame(await sam.getJson('/'), SAM, 'signed in')
  t.match((await sam.get('/impersonate/list/')).text, `action="/impersonate/${carl}/"`)
  t.match(await sam.post(`/impersonate/${carl}/`), { status: 302, location: '/' })
  t.strictSame(await sam.getJson('/'), CARL_BY_SAM, 'seen as Carl')
  t.match(await sam.post('/impersonate/stop/'), { status: 302 })
  t.strictSame(await sam.getJson('/'), SAM, 'stopped')
}
