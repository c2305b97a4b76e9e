import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import t from 'tap'
import { root } from './kit/built.js'

/** The rooms of lib/, from the top: each imports from lower floors only. A room's tests are in the folder of its name in test/. */
const FLOORS = [
  ['index'], ['routes'], ['api', 'assemble', 'request'], ['context'], ['impersonation', 'banner', 'cli'], ['state', 'policy', 'views', 'permits'],
  ['requirements', 'overlay', 'options'], ['audit'], ['log', 'http'], ['settings'], ['users', 'testing', 'client'], ['types', 'within'],
  ['messages', 'errors', 'is', 'batch']
]
/** What is a list of texts is as long as it has to be. */
const CATALOGUES = ['lib/errors.ts', 'lib/messages/en.ts', 'lib/messages/de.ts']

const files = ['index.ts', ...readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts')).map(name => `lib/${name}`)]
const floorOf = new Map(FLOORS.flatMap((rooms, floor) => rooms.map(room => [room, floor])))
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

function roomOf (file: string): string {
  return file.replace(/^lib\//, '').replace(/(\.ts$|\/.*)/, '')
}

function importsOf (file: string): string[] {
  return [...textOf(file).matchAll(/from '(\.[^']+)\.js'|import\('(\.[^']+)\.js'\)/g)]
    .map(([, from, called]) => relative(root, resolve(root, dirname(file), `${from ?? called}.ts`)))
    .filter(target => !target.startsWith('prisma/generated'))
}

t.test('each file is in a room that has its floor', async t => {
  t.same([...new Set(files.map(roomOf))].filter(room => !floorOf.has(room)), [])
})

t.test('imports between rooms go down only', async t => {
  const up = files.flatMap(file => importsOf(file)
    .filter(target => roomOf(target) !== roomOf(file) && Number(floorOf.get(roomOf(file))) >= Number(floorOf.get(roomOf(target))))
    .map(target => `${file} imports ${target}: ${roomOf(file)} is not above ${roomOf(target)}`))
  t.same(up, [])
  t.ok(files.flatMap(importsOf).length > files.length, 'the imports are seen')
})

t.test('files are short: none of lib/ is above 150 lines, and half of them are at most 52', async t => {
  const lines = files.filter(file => file.startsWith('lib/')).map(file => ({ file, count: textOf(file).split('\n').length - 1 }))
  t.same(lines.filter(({ file, count }) => count > 150 && !CATALOGUES.includes(file)), [])
  t.ok(Number(lines.map(({ count }) => count).sort((a, b) => a - b)[Math.floor(lines.length / 2)]) <= 52)
})
