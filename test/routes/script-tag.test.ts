import t from 'tap'
import { browser, build } from '../kit/build.js'

t.test('the script tag says where the status is, and as whom the page was made', async t => {
  const app = await build(t, {
    publicPrefix: '/app',
    after: app => {
      app.get('/page', async (request, reply) => reply.type('text/html').send(app.impersonate.script(request, { nonce: 'a"b<c' })))
      app.get('/plain', async (request, reply) => reply.type('text/html').send(app.impersonate.script()))
    }
  })
  const sam = browser(app)
  await sam.signIn(2)
  t.match((await sam.get('/page')).body, 'data-impersonate-status="/app/impersonate/status/" data-impersonate-state="none" nonce="a&#34;b&#60;c"')
  const { impersonation: { id } } = (await sam.postJson('/impersonate/3/')).json()
  t.match((await sam.get('/page')).body, `data-impersonate-state="${id}"`)
  const [, src = ''] = /^<script type="module" async src="\/app(\/impersonate\/-\/page-state\.[\w-]+\.js)" data-impersonate-status="[^"]*"><\/script>$/.exec((await sam.get('/plain')).body) ?? []
  t.match(await sam.get(src), { statusCode: 200, headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=31536000, immutable' } })
})
