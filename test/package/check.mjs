// Uses the packed package as applications do, in empty folders: `npm run check:package`.
import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import { devDependencies, filesWith, newProject, pack, pinned, run } from './pack.mjs'

const NODES = ['20.19.0', '22', '24']
const PROGRAMS = ['nothing', 'plain', 'union', 'required', 'bundler', 'http2', 'session']
const TYPESCRIPTS = { 'typescript-5': 'typescript@5.9.3', 'typescript-6': `typescript@${devDependencies.typescript}`, 'typescript-7': devDependencies['@typescript/native'].replace('npm:', '') }

const tarball = pack()
const neighbours = pinned('fastify', '@fastify/cookie')

// Both report on the packed package as it is. A CommonJS program loads it by require(), as every supported Node can load ES
// modules so, which is what the rule left out does not know of; node10 is the resolution of TypeScript that has no "exports".
console.log(run('.', 'npx', ['-y', 'publint@0.3.25', '--strict', tarball]).trim().split('\n').at(-1))
run('.', 'npx', ['-y', '@arethetypeswrong/cli@0.18.5', tarball, '--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--exclude-entrypoints', './prisma/*', '--quiet'])
console.log('publint and attw: nothing to complain about')

const full = newProject('with the embedded database', 'consumer', [tarball, ...neighbours])
for (const node of NODES) {
  for (const program of ['app.mjs', 'app.cjs']) console.log(`Node ${node}: ${run(full, 'npx', ['-y', '-p', `node@${node}`, 'node', program]).trim()}`)
  assert.match(run(full, 'npx', ['-y', '-p', `node@${node}`, 'node', 'node_modules/.bin/fastify-impersonate', 'log']), /stopped/)
}

run(full, 'npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...pinned('@types/node', '@fastify/session'), ...Object.entries(TYPESCRIPTS).map(([name, version]) => `${name}@npm:${version}`)])
const require = createRequire(join(full, 'package.json'))
for (const name of Object.keys(TYPESCRIPTS)) {
  const { version, bin } = require(`${name}/package.json`)
  const tsc = join(dirname(require.resolve(`${name}/package.json`)), bin.tsc)
  for (const program of PROGRAMS) run(full, process.execPath, [tsc, '--noEmit', '-p', `tsconfig.${program}.json`])
  console.log(`types: ${PROGRAMS.length} programs pass TypeScript ${version} under strict`)
}

// npm takes the package's optional dependencies for all there is of Prisma.
const slim = newProject('without optional packages', 'consumer', [tarball, ...neighbours], ['--omit=optional'])
assert.deepEqual(filesWith(join(slim, 'node_modules'), '.node', '.wasm', 'binding.gyp'), [], 'something native')
assert.deepEqual(filesWith(join(slim, 'node_modules'), 'prisma/package.json', '@prisma/client/package.json'), [], 'something of Prisma')
for (const node of NODES) console.log(`Node ${node}: ${run(slim, 'npx', ['-y', '-p', `node@${node}`, 'node', 'slim.mjs']).trim()}`)
