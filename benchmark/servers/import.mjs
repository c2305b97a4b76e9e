// How long importing the plugin takes in a process that has loaded Fastify, as its application has, and what it loads.
import { createRequire, register } from 'node:module'
import { MessageChannel } from 'node:worker_threads'

const urls = new Set()
const wantsNames = process.argv[2] === 'names'
const { _cache: required } = createRequire(import.meta.url)('node:module')

if (wantsNames) {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', url => { urls.add(url) })
  register(`data:text/javascript,${encodeURIComponent(`
    let port
    export async function initialize (given) { port = given }
    export async function load (url, context, next) { port.postMessage(url); return await next(url, context) }`)}`,
  { data: port2, transferList: [port2] })
  port1.unref()
}
await import('fastify')
const before = new Set(Object.keys(required))
urls.clear()
const started = performance.now()
await import('../../dist/index.js')
const took = performance.now() - started
if (wantsNames) {
  await new Promise(resolve => setTimeout(resolve, 50))
  const files = [...urls, ...Object.keys(required).filter(file => !before.has(file))]
  const names = files.map(file => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(decodeURIComponent(file))?.[1]).filter(name => name !== undefined)
  console.log(JSON.stringify({ loaded: [...new Set(names)].sort() }))
} else {
  console.log(JSON.stringify({ took }))
}
