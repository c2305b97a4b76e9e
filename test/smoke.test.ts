import t from 'tap'
import { browser, build } from './build.js'

t.test('smoke', async t => {
  const app = await build(t)
  const b = browser(app)
  console.error((await b.getJson('/impersonate/list/')).body)
  await b.signIn(1)
  console.error((await b.getJson('/who')).body)
  console.error((await b.getJson('/impersonate/list/')).body)
  console.error((await b.getJson('/impersonate/search/?q=carl')).body)
  let r = await b.postJson('/impersonate/3/')
  console.error(r.statusCode, r.body, r.headers['set-cookie'])
  console.error((await b.getJson('/who')).body)
  console.error((await b.getJson('/impersonate/status')).body)
  console.error((await b.getJson('/impersonate/list')).body)
  r = await b.postJson('/impersonate/stop/')
  console.error(r.statusCode, r.body, r.headers['set-cookie'])
  console.error((await b.getJson('/impersonate/log/')).body)
  r = await b.get('/impersonate/log/'); console.error(r.statusCode, r.body.slice(0, 300), r.headers)
  r = await b.get('/impersonate/3/'); console.error(r.statusCode, r.body)
  r = await b.click('/impersonate/3/'); console.error(r.statusCode, r.headers.location)
  r = await b.get('/impersonate/search/?q=x'); console.error(r.statusCode, r.headers.location)
})
