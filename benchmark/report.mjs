import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { postgresqlVersion } from './database.mjs'

const file = name => new URL(name, import.meta.url)
const versionOf = name => {
  try {
    return JSON.parse(readFileSync(file(name), 'utf8')).version
  } catch {
    return null
  }
}

/** On what it was measured. */
export async function describeMachine () {
  const cpus = os.cpus()
  const packages = [
    ['fastify', '../node_modules/fastify/package.json'],
    ['@fastify/session', '../node_modules/@fastify/session/package.json'],
    ['Prisma', '../node_modules/@prisma/client/package.json'],
    ['better-auth', 'node_modules/better-auth/package.json']
  ].map(([name, path]) => [name, versionOf(path)])
  const django = debianVersion('python3-django-impersonate')
  const services = [['PostgreSQL', await postgresqlVersion()], ['django-impersonate', django], ['Django', django && debianVersion('python3-django')]]
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpus.length} × ${cpus[0]?.model.trim() || 'an unnamed processor'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.type()} ${os.release()}`,
    [['fastify-impersonate', versionOf('../package.json')], ['Node', process.versions.node], ...packages, ...services]
      .filter(([, version]) => version !== null).map(pair => pair.join(' ')).join(', ')
  ]
}

function debianVersion (name) {
  try {
    return /^Version: (.*)$/m.exec(execFileSync('dpkg-query', ['-s', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))?.[1] ?? null
  } catch {
    return null
  }
}

export function printSubject (subject) {
  console.log(sectionOf(subject).split('\n').slice(2).join('\n').trim())
}

/** Writes benchmark/RESULTS.md, and what of it the README quotes. */
export async function writeResults (machine, subjects) {
  const text = ['# Results', '', 'Written by `npm run bench`; do not edit.', '', ...machine.flatMap(line => [line, '']), ...subjects.map(sectionOf)].join('\n')
  writeFileSync(file('RESULTS.md'), `${text.trim()}\n`)
  const goals = subjects.flatMap(({ results = [] }) => results.filter(({ goal }) => goal))
  const quoted = [table(['', 'measured', 'wanted'], goals.map(({ what, measured, goal }) => [what, measured, goal])), '', machine.join('\n')].join('\n')
  const readme = readFileSync(file('../README.md'), 'utf8')
  writeFileSync(file('../README.md'), readme.replace(/(<!-- benchmark -->\n)[\s\S]*?(\n<!-- \/benchmark -->)/, (all, start, end) => `${start}${quoted}${end}`))
  console.log('\nWritten: benchmark/RESULTS.md, and the table in README.md')
}

function sectionOf ({ title, results = [], tables = [], notes = [], skipped = [] }) {
  const hasMore = results.some(({ more }) => more)
  return [
    `## ${title}`,
    '',
    ...(results.length === 0 ? [] : [table(['', 'measured', ...(hasMore ? ['that is'] : []), 'wanted'], results.map(({ what, measured, more = '', goal = '' }) => [what, measured, ...(hasMore ? [more] : []), goal])), '']),
    ...tables.flatMap(({ head, rows }) => [table(head, rows), '']),
    ...notes.map(note => `- ${note}`),
    ...skipped.map(what => `- skipped: ${what}`),
    ''
  ].join('\n')
}

function table (head, rows) {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}
