import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import { buildPackage, root, run, until } from './built.js'
import { memoryUsers } from '../index.js'
import { CHECKS } from '../lib/option-checks.js'
import { readOptions } from '../lib/options.js'

// The example is a process of its own, which takes its time on a busy machine.
t.setTimeout(120_000)
t.before(buildPackage)

const readme = readFileSync(join(root, 'README.md'), 'utf8')

function section (title: string): string {
  return readme.split(/^## /m).find(text => text.startsWith(`${title}\n`)) ?? ''
}

/** The cells of a section's table, without its head. */
function table (title: string): string[][] {
  return section(title).split('\n').filter(line => line.startsWith('|')).slice(2)
    .map(line => line.split(/(?<!\\)\|/).slice(1, -1).map(cell => cell.trim()))
}

const word = (cell = ''): string => cell.replaceAll('`', '')

t.test('the complete example runs as it stands, in a folder of its own', async t => {
  const folder = t.testdir()
  const [, code = ''] = /```js\n([\s\S]*?)```/.exec(section('A complete example')) ?? []
  writeFileSync(join(folder, 'example.mjs'), code)
  const example = run(['example.mjs'], { PORT: '0' }, folder)
  t.teardown(() => { example.child.kill('SIGKILL') })
  const [, origin = ''] = await until(example, /Open (http:\/\/localhost:\d+)/)

  let cookies = new Map<string, string>()
  async function send (path: string, method = 'GET') {
    const response = await fetch(origin + path, { method, redirect: 'manual', headers: { accept: 'text/html', cookie: [...cookies].map(pair => pair.join('=')).join('; ') } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return await response.text()
  }
  t.match(await send('/'), 'Sign in first')
  await send('/login?id=2')
  t.equal(await send('/'), 'Hello sam. Whom to impersonate: /impersonate/list/')
  t.match(await send('/impersonate/list/'), 'action="/impersonate/3/"')
  await send('/impersonate/3/', 'POST')
  t.match(await send('/'), 'sam, you see this as carl.')
  await send('/impersonate/stop/', 'POST')
  t.match(await send('/'), 'Hello sam.')
  cookies = new Map()
  await send('/login?id=1')
  t.match(await send('/impersonate/log/'), /sam[\s\S]*carl[\s\S]*Stopped/)
})

t.test('the tables have every option once, and no other', async t => {
  const documented = [...table('From django-impersonate').map(cells => word(cells[1])), ...table('Options').map(cells => word(cells[0]))]
  t.strictSame(documented.toSorted(), Object.keys(CHECKS).toSorted())
})

t.test('the defaults in the tables are the defaults', async t => {
  const settings: object = readOptions({ users: memoryUsers([]) })
  const rows = [...table('From django-impersonate').map(cells => cells.slice(1)), ...table('Options')]
  const literals = rows.filter(([, value = '']) => /^`(?!.*\b(Date|prismaUsers|session|user)\b).*`$/.test(value))
  t.ok(literals.length > 20)
  for (const [name, value] of literals) {
    const actual: unknown = Reflect.get(settings, word(name))
    const plain = word(name) === 'readOnly' && typeof actual === 'function' ? actual() : actual instanceof Set ? [...actual] : word(name) === 'requireReason' ? actual !== null : actual
    t.equal(inspect(plain).replace(/\s/g, ''), word(value).replace(/\s/g, ''), word(name))
  }
})

t.test('both commands are there as they are to be typed', async t => {
  t.match(readme, '\nnpm ci && npm start\n')
  t.match(readme, '`npm ci && npm test`')
})
