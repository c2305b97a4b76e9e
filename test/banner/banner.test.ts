import compress from '@fastify/compress'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { once } from 'node:events'
import { get } from 'node:http'
import { Readable } from 'node:stream'
import { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { browser, build, people, person, type BuildOptions } from '../kit/build.js'

const PAGE = '<!doctype html>\n<html><head><title>A</title></head><body class="a"><h1>Hello</h1></body></html>\n'
const START = '<body class="a"><impersonate-banner position="top"><template shadowrootmode="open" shadowrootclonable>'
const NAVIGATION = { accept: 'text/html', 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'same-origin' }

type Named = { Querystring: { name: string } }

const html = (reply: FastifyReply) => reply.type('text/html; charset=utf-8')
const bannersIn = (text: string) => text.split('<impersonate-banner position="top">').length - 1
/** The page as the application made it. */
const without = (text: string) => text.replace(/<impersonate-banner .*?<\/impersonate-banner>/gs, '')

/** Sam sees the application as Carl, with the banner on unless the options say otherwise. */
async function impersonating (t: Test, routes: (app: FastifyInstance) => unknown, options: BuildOptions = {}) {
  const app = await build(t, { banner: true, ...options, after: async app => { await options.after?.(app); await routes(app) } })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/3/')
  return { app, sam }
}

t.test('a page while impersonating has the banner first in its body, and is otherwise as it was', async t => {
  const { sam } = await impersonating(t, app => { app.get('/page', async (request, reply) => html(reply).send(PAGE)) })
  const response = await sam.get('/page', NAVIGATION)
  t.equal(response.statusCode, 200)
  t.match(response.body, START)
  t.equal(without(response.body), PAGE)
  t.equal(response.headers['content-length'], String(Buffer.byteLength(response.body)))
  t.equal(response.headers['cache-control'], 'private, no-store')
})

t.test('it says whom one sees, who one is, what one may do, until when and why, and has a way out', async t => {
  const { app, sam } = await impersonating(t, app => { app.get('/page', async (request, reply) => html(reply).send(PAGE)) }, { readOnly: true, maxDuration: 1440, now: () => 1_800_000_000_000 })
  const { body } = await sam.get('/page')
  t.match(body, '<section aria-label="Impersonation" lang="en" dir="ltr">')
  t.match(body, 'You see this as <b><bdi>Carl O&#39;Brien</bdi></b>')
  t.match(body, 'You are <b><bdi>sam</bdi></b>')
  t.match(body, '<em>Read-only</em>')
  t.match(body, /<time datetime="2027-01-15T08:24:00.000Z" data-seconds="1440" data-left="\{time\} left" data-up="Time is up">24 minutes left<\/time>/)
  t.match(body, `<form method="post" action="${app.impersonate.url('stop')}"><button>Stop impersonating</button></form>`)
  t.notMatch(body, 'Reason')
  const stop = await sam.post('/impersonate/stop/', undefined, { accept: 'text/html' })
  t.equal(stop.statusCode, 302)
  t.equal((await sam.get('/page')).body, PAGE)
})

t.test('it says that changes are real where they are, and no time where there is none', async t => {
  const { sam } = await impersonating(t, app => { app.get('/page', async (request, reply) => html(reply).send(PAGE)) })
  const { body } = await sam.get('/page')
  t.match(body, '<strong>Changes are real</strong>')
  t.notMatch(body, /<time|Read-only/)
})

t.test('it says the reason, as text', async t => {
  const { app } = await impersonating(t, app => { app.get('/page', async (request, reply) => html(reply).send(PAGE)) })
  const ada = browser(app)
  await ada.signIn(1)
  await ada.postJson('/impersonate/3/', { reason: 'Ticket <4711>' })
  t.match((await ada.get('/page')).body, '<li>Reason: <bdi>Ticket &#60;4711&#62;</bdi></li>')
})

t.test('the time left is told in the unit that suits it', async t => {
  const start = 1_800_000_000_000
  let now = start
  const { sam } = await impersonating(t, app => { app.get('/page', async (request, reply) => html(reply).send(PAGE)) }, { maxDuration: 1_000_000, abandonedAfter: 2_000_000, now: () => now })
  const left = async (seconds: number) => {
    now = start + (1_000_000 - seconds) * 1000
    return /<time [^>]*>(.*?)</.exec((await sam.get('/page')).body)?.[1]
  }
  t.strictSame([await left(1_000_000), await left(172_800), await left(172_799), await left(7200), await left(7199), await left(61), await left(59), await left(0.4)],
    ['12 days left', '2 days left', '48 hours left', '2 hours left', '120 minutes left', '1 minute left', '59 seconds left', '0 seconds left'])
})

t.test('hostile names and labels are text', async t => {
  const everyone = [...people(), person(7, 'x', { firstName: '</bdi></template><script>alert(1)</script>', lastName: '"\'&amp;\u0000\u0085\u202e\ud800 日本 𝒳 {user} $& $1' })]
  const app = await build(t, { banner: { label: '"><script>\n\u0085' }, people: everyone, after: app => { app.get('/page', async (request, reply) => html(reply).send(PAGE)) } })
  const sam = browser(app)
  await sam.signIn(2)
  await sam.postJson('/impersonate/7/')
  const { body } = await sam.get('/page')
  const banner = body.slice(body.indexOf('<impersonate-banner'), body.indexOf('<h1>'))
  t.match(banner, /^[\x20-\x7e]+$/, 'ASCII in any case')
  t.equal(banner.split('<script').length - 1, 1, 'its own')
  t.match(banner, '&#60;/bdi&#62;&#60;/template&#62;&#60;script&#62;alert(1)&#60;/script&#62; &#34;&#39;&#38;amp;&#65533;&#65533;&#8238;&#65533; &#26085;&#26412; &#119987; {user} $&#38; $1')
  t.match(banner, 'aria-label="&#34;&#62;&#60;script&#62; &#65533;"')
})

t.test('the answers that are pages', async t => {
  const parts = [...PAGE].map(letter => letter.repeat(1))
  const pages: Record<string, (reply: FastifyReply) => unknown> = {
    'a string': reply => html(reply).send(PAGE),
    'a string whose length was told': reply => html(reply).header('content-length', PAGE.length).send(PAGE),
    'a buffer': reply => html(reply).send(Buffer.from(PAGE)),
    'an array of bytes': reply => html(reply).send(new Uint8Array(Buffer.from(PAGE))),
    'a stream': reply => html(reply).send(Readable.from([Buffer.from(PAGE)])),
    'a stream of letters, whose length was told': reply => html(reply).header('content-length', PAGE.length).send(Readable.from(parts)),
    'a web stream': reply => html(reply).send(new Blob([PAGE]).stream()),
    'a Response': () => new Response(PAGE, { status: 201, headers: { 'content-type': 'text/html', 'content-length': String(PAGE.length), 'x-kept': 'yes' } }),
    'no charset': reply => reply.type('text/html').send(PAGE),
    capitals: reply => reply.header('content-type', 'Text/HTML;Charset="UTF-8"').send(Buffer.from(PAGE)),
    'another charset': reply => reply.header('content-type', 'text/html; charset=windows-1252').send(Buffer.from(PAGE)),
    'an unknown charset': reply => reply.header('content-type', 'text/html; charset=x-mine').send(Buffer.from(PAGE)),
    'an error': reply => html(reply).code(404).send(PAGE),
    'a type on the raw answer': reply => { reply.raw.setHeader('content-type', 'text/html'); reply.raw.setHeader('etag', '"a"'); return reply.type('text/html').send(PAGE) },
    'to be shown': reply => html(reply).header('content-disposition', 'inline; filename="attachment.html"').send(PAGE),
    'encoded as itself': reply => html(reply).header('content-encoding', 'identity').send(PAGE),
    'forever, for the application': reply => html(reply).header('cache-control', 'public, immutable').send(PAGE)
  }
  const { sam } = await impersonating(t, app => {
    app.get<Named>('/answer', (request, reply) => pages[request.query.name]?.(reply.header('etag', '"a"').header('last-modified', 'yesterday')))
  })
  for (const name of Object.keys(pages)) {
    const response = await sam.get(`/answer?name=${name}`)
    t.match(response.body, START, name)
    t.equal(without(response.body), PAGE, name)
    const length = response.headers['content-length']
    t.ok(length === undefined || Number(length) === response.rawPayload.length, `${name}: its length`)
    t.match(response.headers, { etag: undefined, 'last-modified': undefined, 'cache-control': 'private, no-store' }, name)
  }
  t.match(await sam.get('/answer?name=a Response'), { statusCode: 201, headers: { 'x-kept': 'yes' } })
})

t.test('the answers that are none', async t => {
  const latin = Buffer.from('<!doctype html><body>\u00e9', 'utf16le')
  const answers: Record<string, (reply: FastifyReply) => unknown> = {
    JSON: reply => reply.send({ page: PAGE }),
    'JSON with HTML in it': reply => reply.type('application/json').send(JSON.stringify(PAGE)),
    text: reply => reply.send(PAGE),
    XHTML: reply => reply.type('application/xhtml+xml').send(PAGE),
    'bytes of no type': reply => reply.send(Buffer.from(PAGE)),
    'a stream of no type': reply => reply.send(Readable.from([PAGE])),
    'a download': reply => html(reply).header('content-disposition', 'Attachment; filename=a.html').send(PAGE),
    'a part': reply => html(reply).code(206).header('content-range', `bytes 0-${PAGE.length - 1}/${PAGE.length}`).send(PAGE),
    'a part that says 200': reply => html(reply).header('content-range', `bytes 0-${PAGE.length - 1}/${PAGE.length}`).send(PAGE),
    'encoded otherwise': reply => html(reply).header('content-encoding', 'x-mine').send(PAGE),
    nothing: reply => html(reply).send(),
    'nothing, on purpose': reply => html(reply).code(204).send(),
    'not changed': reply => html(reply).code(304).send(),
    'a redirect': reply => html(reply).code(302).header('location', '/').send(PAGE),
    'UTF-16': reply => reply.header('content-type', 'text/html; charset=utf-16le').send(latin),
    'UTF-16 without a label': reply => reply.header('content-type', 'text/html').send(latin),
    'ISO-2022-JP': reply => reply.header('content-type', 'text/html; charset=ISO-2022-JP').send(Buffer.from(PAGE)),
    'a fragment': reply => html(reply).send('<p>Hello <script>"<body>"</script></p>'),
    'a fragment as a buffer': reply => html(reply).send(Buffer.from('<li>Hello')),
    'a fragment as a stream': reply => html(reply).send(Readable.from(['<li>', 'Hello'])),
    'a frame of Turbo': reply => html(reply).send('<turbo-frame id="a"><p>Hello</p></turbo-frame>'),
    'a Response without a body': () => new Response(null, { status: 200, headers: { 'content-type': 'text/html' } }),
    'an empty string': reply => html(reply).send('')
  }
  const plain = await build(t, { after: addAnswers })
  const { sam } = await impersonating(t, addAnswers)
  function addAnswers (app: FastifyInstance) {
    app.get<Named>('/answer', (request, reply) => answers[request.query.name]?.(reply.header('etag', '"a"')))
  }
  for (const name of Object.keys(answers)) {
    const [expected, response] = [await plain.inject(`/answer?name=${name}`), await sam.get(`/answer?name=${name}`)]
    t.ok(response.rawPayload.equals(expected.rawPayload), name)
    const { 'cache-control': _, date: __, ...headers } = expected.headers
    t.match(response.headers, name.includes('as a stream') ? { 'content-type': headers['content-type'] } : headers, name)
  }
})

t.test('what the browser wants decides where it says so', async t => {
  const { sam } = await impersonating(t, app => {
    app.get('/page', async (request, reply) => html(reply).send(PAGE))
    app.get('/fragment', async (request, reply) => html(reply).send('<h1>Hello</h1>'))
  })
  const wish = async (url: string, destination: string) => bannersIn((await sam.get(url, { accept: 'text/html', 'sec-fetch-dest': destination })).body)
  for (const destination of ['document', 'iframe', 'frame', 'embed', 'object']) t.strictSame([await wish('/page', destination), await wish('/fragment', destination)], [1, 1], destination)
  t.strictSame([await wish('/page', 'empty'), await wish('/fragment', 'empty')], [1, 0], 'a fetch may be for a page, as that of Turbo Drive is')
  for (const destination of ['image', 'script', 'style', 'worker', 'video', 'x']) t.strictSame([await wish('/page', destination), await wish('/fragment', destination)], [0, 0], destination)
})

t.test('frames go without where the option says so', async t => {
  const { sam } = await impersonating(t, app => { app.get('/page', async (request, reply) => html(reply).send(PAGE)) }, { banner: { frames: false } })
  t.equal((await sam.get('/page', { 'sec-fetch-dest': 'iframe' })).body, PAGE)
  t.equal(bannersIn((await sam.get('/page', NAVIGATION)).body), 1)
})

t.test('at the bottom it is first in the page all the same, with room at the end', async t => {
  const { sam } = await impersonating(t, app => {
    app.get('/page', async (request, reply) => html(reply).send(PAGE))
    app.get('/stream', async (request, reply) => html(reply).send(Readable.from([PAGE])))
  }, { banner: { position: 'bottom' } })
  for (const url of ['/page', '/stream']) {
    const { body } = await sam.get(url)
    t.match(body, '<body class="a"><impersonate-banner position="bottom"><template')
    t.match(body, /<\/html>\n<impersonate-banner position="room"><template shadowrootmode="open" shadowrootclonable><link rel="stylesheet" [^>]*><\/template><\/impersonate-banner>$/)
    t.equal(without(body), PAGE)
  }
})

t.test('HEAD has no banner, and tells no other length than GET', async t => {
  const { sam } = await impersonating(t, app => {
    app.get('/page', async (request, reply) => html(reply).send(PAGE))
    app.get('/stream', async (request, reply) => html(reply).header('content-length', PAGE.length).send(Readable.from([PAGE])))
    app.get('/web-stream', async (request, reply) => html(reply).header('content-length', PAGE.length).send(new Blob([PAGE]).stream()))
    app.head('/own', async (request, reply) => html(reply).header('content-length', PAGE.length).send(PAGE))
    app.get('/own', { exposeHeadRoute: false }, async (request, reply) => html(reply).send(PAGE))
  })
  for (const url of ['/page', '/own']) {
    const [head, get] = [await sam.send({ method: 'HEAD', url }), await sam.get(url)]
    t.equal(head.body, '')
    t.equal(head.headers['content-length'], get.headers['content-length'], url)
  }
  for (const url of ['/stream', '/web-stream']) {
    const head = await sam.send({ method: 'HEAD', url })
    t.equal(head.body, '')
    t.equal(head.headers['content-length'], undefined, url)
  }
})

t.test('error pages and pages that nothing was found for have it', async t => {
  const { sam } = await impersonating(t, app => { app.get('/fails', async () => { throw new Error('broken') }) }, {
    before: app => {
      app.setErrorHandler(async (err: Error, request, reply) => html(reply).code(500).header('x-error', err.message).send(PAGE))
      app.setNotFoundHandler(async (request, reply) => html(reply).code(404).send(PAGE))
    }
  })
  for (const [url, status] of [['/fails', 500], ['/nowhere', 404]] as const) {
    const response = await sam.get(url)
    t.equal(response.statusCode, status)
    t.equal(bannersIn(response.body), 1, url)
  }
})

t.test('nothing is added where the real user is seen, and on the plugin\'s own pages', async t => {
  const app = await build(t, {
    banner: true,
    before: app => { app.get('/early', async (request, reply) => html(reply).send(PAGE)) },
    after: app => { for (const url of ['/page', '/admin/page']) app.get(url, async (request, reply) => html(reply).send(PAGE)) }
  })
  const sam = browser(app)
  t.equal((await sam.get('/page')).body, PAGE)
  await sam.signIn(2)
  t.equal((await sam.get('/page')).body, PAGE)
  await sam.postJson('/impersonate/3/')
  t.equal(bannersIn((await sam.get('/page')).body), 1)
  t.equal(bannersIn((await sam.get('/early')).body), 1, 'also routes that came first')
  t.equal((await sam.get('/admin/page')).body, PAGE)
  t.equal(bannersIn((await sam.get('/impersonate/stop/', { accept: 'text/html' })).body), 0)
  t.equal(bannersIn((await sam.get('/impersonate/status/', { accept: 'text/html' })).body), 0)
})

t.test('without the option there is none, but one to put into a layout', async t => {
  for (const options of [{}, { banner: false }] as const) {
    const seen: string[] = []
    const app = await build(t, { ...options, after: app => { app.get('/page', async (request, reply) => { seen.push(app.impersonate.banner(request)); return html(reply).send(PAGE) }) } })
    const sam = browser(app)
    await sam.signIn(2)
    await sam.get('/page')
    await sam.postJson('/impersonate/3/')
    t.equal((await sam.get('/page')).body, PAGE)
    t.equal(seen[0], '')
    t.match(seen[1], /^<impersonate-banner position="top">.*<\/impersonate-banner>$/)
  }
})

t.test('the banner for a layout is the one of the option', async t => {
  const { sam } = await impersonating(t, app => {
    app.get('/page', async (request, reply) => html(reply).send(PAGE))
    app.get('/own', async request => app.impersonate.banner(request))
  }, { banner: { position: 'bottom', label: 'Look', script: false } })
  const own = (await sam.get('/own')).body
  t.match(own, 'aria-label="Look"')
  t.notMatch(own, '<script')
  t.match(own, /<\/impersonate-banner><impersonate-banner position="room">/)
})

t.test('a page that the browser has kept is asked for as a whole', async t => {
  const routes = (app: FastifyInstance) => {
    app.get('/page', async (request, reply) => request.headers['if-none-match'] === '"a"' || request.headers['if-modified-since'] !== undefined ? html(reply).code(304).send() : html(reply).header('etag', '"a"').send(PAGE))
    app.get('/data', async (request, reply) => request.headers['if-none-match'] === '"a"' ? reply.code(304).send() : { a: 1 })
  }
  const { app, sam } = await impersonating(t, routes)
  for (const kept of [{ 'if-none-match': '"a"' }, { 'if-modified-since': 'Tue, 24 Nov 2026 10:00:00 GMT' }]) {
    for (const headers of [NAVIGATION, { accept: 'text/html' }, { accept: 'text/html', 'sec-fetch-dest': 'empty' }]) {
      const response = await sam.get('/page', { ...kept, ...headers })
      t.equal(response.statusCode, 200)
      t.equal(bannersIn(response.body), 1)
    }
    t.equal((await app.inject({ url: '/page', headers: { ...kept, ...NAVIGATION } })).statusCode, 304, 'others are not')
  }
  t.equal((await sam.get('/data', { 'if-none-match': '"a"', accept: '*/*', 'sec-fetch-dest': 'empty' })).statusCode, 304, 'nor other answers')
})

for (const isFirst of [true, false]) {
  t.test(`with @fastify/etag registered ${isFirst ? 'before' : 'after'}, a tag is the one of what is sent, or there is none`, async t => {
    const { sam } = await impersonating(t, app => { app.get('/page', async (request, reply) => html(reply).send(PAGE)) }, {
      [isFirst ? 'before' : 'after']: async (app: FastifyInstance) => { await app.register(etag) }
    })
    const first = await sam.get('/page', NAVIGATION)
    t.equal(bannersIn(first.body), 1)
    const plain = browser((await build(t, { after: async app => { await app.register(etag); app.get('/page', async (request, reply) => html(reply).send(PAGE)) } })))
    const tag = String((await plain.get('/page')).headers.etag)
    t.not(first.headers.etag, tag)
    t.match(await sam.get('/page', { ...NAVIGATION, 'if-none-match': tag }), { statusCode: 200 })
  })

  t.test(`with @fastify/compress registered ${isFirst ? 'before' : 'after'}`, async t => {
    const long = PAGE.replace('Hello', 'Hello '.repeat(20_000))
    const { app, sam } = await impersonating(t, app => {
      app.get('/string', async (request, reply) => html(reply).send(long))
      app.get('/buffer', async (request, reply) => html(reply).send(Buffer.from(long)))
      app.get('/stream', async (request, reply) => html(reply).send(Readable.from(long.match(/.{1,1000}/gs) ?? [])))
      app.get('/web-stream', async (request, reply) => html(reply).send(new Blob([long]).stream()))
      app.get('/response', async () => new Response(long, { headers: { 'content-type': 'text/html' } }))
      app.get('/json', async () => ({ long }))
      app.register(async child => { child.get('/child', async (request, reply) => html(reply).send(long)) })
    }, { [isFirst ? 'before' : 'after']: async (app: FastifyInstance) => { await app.register(compress, { threshold: 0 }) } })
    const origin = await app.listen({ port: 0, host: '127.0.0.1' })
    const cookie = [...sam.jar].map(pair => pair.join('=')).join('; ')
    for (const url of ['/string', '/buffer', '/stream', '/web-stream', '/response', '/child']) {
      for (const [encoding, decode] of [['gzip', gunzipSync], ['br', brotliDecompressSync]] as const) {
        const injected = await sam.get(url, { 'accept-encoding': encoding })
        const body = String(decode(injected.rawPayload))
        t.equal(injected.headers['content-encoding'], encoding, url)
        t.match(body, START, `${url} ${encoding}`)
        t.equal(without(body), long)
        // fetch decodes by itself.
        const fetched = await fetch(origin + url, { headers: { cookie: decodeURIComponent(cookie), 'accept-encoding': encoding, accept: 'text/html' } })
        const text = await fetched.text()
        t.equal(bannersIn(text), 1)
        t.equal(without(text), long)
      }
    }
    t.strictSame(JSON.parse(String(gunzipSync((await sam.get('/json', { 'accept-encoding': 'gzip' })).rawPayload))), { long })
  })
}

t.test('its files carry the nonces that @fastify/helmet has for this answer', async t => {
  const { sam } = await impersonating(t, app => {
    app.get('/page', async (request, reply) => html(reply).header('x-nonces', JSON.stringify(reply.cspNonce)).send(PAGE))
    app.get('/own', async (request, reply) => html(reply).header('x-nonces', JSON.stringify(reply.cspNonce)).send(app.impersonate.banner(request)))
  }, { before: async app => { await app.register(helmet, { enableCSPNonces: true }) }, banner: { position: 'bottom' } })
  for (const url of ['/page', '/own']) {
    const { body, headers } = await sam.get(url, { 'sec-fetch-dest': 'empty' })
    const { script, style } = JSON.parse(String(headers['x-nonces']))
    t.match(body, new RegExp(`<link rel="stylesheet" href="[^"]*" nonce="${style}">[\\s\\S]*<script type="module" async src="[^"]*" nonce="${script}">[\\s\\S]*position="room"[\\s\\S]*<link [^>]* nonce="${style}">`), url)
  }
})

t.test('its files are public, and named after what is in them', async t => {
  const { app, sam } = await impersonating(t, app => { app.get('/page', async (request, reply) => html(reply).send(PAGE)) })
  const { body } = await sam.get('/page')
  for (const [pattern, type] of [[/href="([^"]*banner\.[\w-]{12}\.css)"/, 'text/css; charset=utf-8'], [/src="([^"]*banner\.[\w-]{12}\.js)"/, 'text/javascript; charset=utf-8']] as const) {
    const file = await app.inject(pattern.exec(body)?.[1] ?? '')
    t.match(file, { statusCode: 200, headers: { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' } })
    t.equal((await sam.get(pattern.exec(body)?.[1] ?? '')).body, file.body, 'the same while impersonating')
  }
})

t.test('a stream that fails before its first byte is an error, and later it is cut', async t => {
  const { app, sam } = await impersonating(t, app => {
    app.get('/at-once', async (request, reply) => html(reply).send(new Readable({ read () { this.destroy(new Error('broken')) } })))
    app.get('/later', async (request, reply) => html(reply).send(Readable.from((async function * () { yield PAGE.repeat(100); throw new Error('broken') })())))
  })
  t.match((await sam.get('/at-once')).json(), { statusCode: 500 })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const response = await fetch(`${origin}/later`, { headers: { cookie: [...sam.jar].map(pair => pair.join('=')).join('; ') } })
  await t.rejects(response.text())
})

t.test('a page that was compressed beforehand has the banner, whatever it was compressed by', async t => {
  const codings = { gzip: gzipSync, 'x-gzip': gzipSync, deflate: deflateSync, br: brotliCompressSync, BR: brotliCompressSync }
  const { sam } = await impersonating(t, app => {
    app.get<{ Params: { coding: keyof typeof codings, as: string } }>('/page/:coding/:as', async ({ params: { coding, as } }, reply) => {
      const page = codings[coding](PAGE)
      html(reply).header('content-encoding', coding).header('content-length', page.length).header('etag', '"compressed"')
      return as === 'stream' ? reply.send(Readable.from([page])) : reply.send(page)
    })
  })
  for (const coding of Object.keys(codings)) {
    for (const as of ['stream', 'buffer']) {
      const url = `/page/${coding}/${as}`
      const { headers, body } = await sam.get(url, NAVIGATION)
      t.match(headers, { 'content-encoding': undefined, etag: undefined }, url)
      t.equal(without(body), PAGE, url)
      t.match(body, START, url)
      t.equal((await sam.send({ method: 'HEAD', url, headers: NAVIGATION })).headers['content-encoding'], undefined, `HEAD ${url}`)
    }
  }
})

t.test('what is not what its coding says is an error, and not half a page', async t => {
  const { sam } = await impersonating(t, app => {
    app.get('/page', async (request, reply) => html(reply).header('content-encoding', 'gzip').send(Buffer.from(PAGE)))
  })
  t.equal((await sam.get('/page', NAVIGATION)).statusCode, 500)
})

t.test('a browser that goes away ends the stream that its page was made from', async t => {
  let isEnded = () => {}
  const ended = new Promise<void>(resolve => { isEnded = resolve })
  const { app, sam } = await impersonating(t, app => {
    app.get('/page', async (request, reply) => {
      const endless = new Readable({ read () { setImmediate(() => { this.push(PAGE) }) }, destroy (error, done) { isEnded(); done(error) } })
      return html(reply).send(endless)
    })
  })
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  const leaving = get(`${origin}/page`, { agent: false, headers: { cookie: [...sam.jar].map(pair => pair.join('=')).join('; ') } })
  const [response] = await once(leaving, 'response')
  response.on('error', () => {})
  const [start] = await once(response, 'data')
  t.match(String(start), START)
  leaving.destroy()
  await ended
  t.pass()
})

t.test('a wrong option is refused by name', async t => {
  for (const [banner, name] of [['top', 'banner'], [null, 'banner'], [[], 'banner'], [{ position: 'left' }, 'banner.position'], [{ label: '' }, 'banner.label'], [{ frames: 1 }, 'banner.frames'], [{ script: 'no' }, 'banner.script'], [{ colour: 'red' }, 'banner.colour']] as const) {
    await t.rejects(build(t, { banner: banner as never }), { code: 'FST_IMPERSONATE_INVALID_OPTION', message: new RegExp(`"${name}"`) }, name)
  }
  await build(t, { banner: { position: 'top', label: undefined as never } })
})
