import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const { version } = require('typescript/package.json')
const kept = fileURLToPath(new URL('../../node_modules/.cache/fastify-impersonate', import.meta.url))

/** As tsc reads it: `./x.js` in a source is `./x.ts`, where that is what there is. */
export async function resolve (name, context, next) {
  if (/^\.{1,2}\/.*\.js$/.test(name) && context.parentURL?.endsWith('.ts')) {
    const url = new URL(name.replace(/\.js$/, '.ts'), context.parentURL)
    if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true }
  }
  return await next(name, context)
}

export async function load (url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return await next(url, context)
  return { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true }
}

function compiled (path) {
  const source = readFileSync(path, 'utf8')
  const file = join(kept, `${createHash('sha256').update(`${version}\0${path}\0${source}`).digest('hex')}.js`)
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const { transpileModule, ScriptTarget, ModuleKind } = require('typescript')
  const { outputText } = transpileModule(source, {
    fileName: path,
    compilerOptions: { target: ScriptTarget.ES2023, module: ModuleKind.ESNext, verbatimModuleSyntax: true, inlineSourceMap: true }
  })
  mkdirSync(kept, { recursive: true })
  // Another process may be at it: the file is there whole, or not at all.
  writeFileSync(`${file}.${process.pid}`, outputText)
  renameSync(`${file}.${process.pid}`, file)
  return outputText
}
