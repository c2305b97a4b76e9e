import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './built.js'

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
    return { language, code, file: /^(?:\/\/|#|<!--|<%\/\*) ([\w./-]+\.\w+)/.exec(code)?.[1] ?? null }
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
