import { defaultTreeAdapter as tree, parse, type DefaultTreeAdapterTypes } from 'parse5'
import t, { type Test } from 'tap'
import { browser, build, person } from '../kit/build.js'

const html = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' }
const HOSTILE = '\'"></title></textarea></script><script>alert(1)</script><img src=x onerror=alert(1)><style>*{}</style>&lt;b&gt;<a href="javascript:alert(1)">'

type Element = DefaultTreeAdapterTypes.Element

function elementsOf (page: string): Element[] {
  const found: Element[] = []
  const walk = (node: DefaultTreeAdapterTypes.ParentNode) => {
    for (const child of tree.getChildNodes(node)) {
      if (!tree.isElementNode(child)) continue
      found.push(child)
      walk(child)
    }
  }
  walk(parse(page))
  return found
}

/** What `default-src 'self'` would stop, and what only a text could have brought in. */
function foreignIn (page: string): string[] {
  return elementsOf(page).flatMap(({ tagName, attrs }) => {
    const attribute = (name: string) => attrs.find(one => one.name === name)?.value
    return [
      ...['img', 'style'].includes(tagName) || (tagName === 'script' && !attribute('src')?.startsWith('/impersonate/-/')) ? [`<${tagName}>`] : [],
      ...attrs.filter(({ name, value }) => /^(on|style$)/.test(name) || /^\s*javascript:/i.test(value)).map(({ name }) => `<${tagName} ${name}>`)
    ]
  })
}

/** Everybody and everything has a hostile name. */
async function hostileApplication (t: Test) {
  const field = { firstName: HOSTILE, lastName: HOSTILE, email: HOSTILE }
  const app = await build(t, {
    people: [
      person(1, `ada${HOSTILE}`, { ...field, isSuperuser: true }), person(2, `sam${HOSTILE}`, { ...field, isStaff: true }), person(3, `carl${HOSTILE}`, field)
    ],
    requireReason: { validate: reason => reason.includes('refused') ? `No: ${HOSTILE}` : true },
    redirectFieldName: 'next',
    adminAddPermission: true,
    adminDeletePermission: true,
    adminReadOnly: false,
    banner: true,
    after (app) {
      app.get('/link', async (request, reply) => await reply.type('text/html').send(await app.impersonate.link(request, Object({ id: 3, isSuperuser: false, isActive: true }), { text: HOSTILE, next: `/${HOSTILE}` })))
      app.get('/page', async (request, reply) => await reply.type('text/html').send('<!doctype html><body><p>x'))
    }
  })
  const [ada, sam] = [browser(app), browser(app)]
  await ada.signIn(1)
  await sam.signIn(2)
  return { ada, sam }
}

t.test('whatever people, reasons and addresses are called, no page has an element or a script that is not its own', async t => {
  const { ada, sam } = await hostileApplication(t)
  const q = encodeURIComponent(HOSTILE)
  const reason = `reason=${encodeURIComponent(`refused ${HOSTILE}`)}`
  const post = async (url: string, payload: string, headers: Record<string, string>) => await sam.send({ method: 'POST', url, payload, headers })
  const look = async (name: string, status: number, asked: ReturnType<typeof sam.send>) => {
    const { statusCode, body, headers } = await asked
    t.equal(statusCode, status, name)
    t.match(headers['content-type'], 'text/html')
    t.strictSame(foreignIn(body), [], name)
    t.ok(elementsOf(body).some(({ tagName }) => ['h1', 'form', 'impersonate-banner'].includes(tagName)), `${name} is a page`)
  }
  await look('list', 200, sam.get(`/impersonate/list/?next=/${q}`, html))
  await look('search', 200, sam.get(`/impersonate/search/?q=${q}&next=/${q}`, html))
  await look('nobody found', 200, sam.get(`/impersonate/search/?q=nobody${q}`, html))
  await look('a start that asks', 200, sam.get(`/impersonate/3/?next=/${q}`, html))
  await look('a reason that is refused', 422, post('/impersonate/3/', `${reason}&next=/${q}`, html))
  await look('a start from another site', 403, post('/impersonate/3/', `next=/${q}`, { ...html, 'sec-fetch-site': 'cross-site' }))
  await look('a stop that asks', 200, sam.get(`/impersonate/stop/?next=/${q}`, html))
  await look('somebody unknown', 404, post(`/impersonate/${q.slice(0, 100)}/`, 'reason=x', html))
  await look('a field that is none', 400, sam.get(`/impersonate/list/?page=${q}&${q}=${q}`, html))
  await look('link', 200, sam.get('/link', html))
  const { impersonation: { id } } = (await sam.postJson('/impersonate/3/', { reason: HOSTILE })).json()
  await look('banner', 200, sam.get('/page', html))
  await look('live sessions', 200, ada.get(`/impersonate/sessions/?impersonator=${q}`, html))
  await look('live sessions', 200, ada.get('/impersonate/sessions/', html))
  await ada.postJson(`/impersonate/sessions/${id}/end/`)
  await look('ended', 409, sam.get('/page', html))
  await look('log', 200, ada.get('/impersonate/log/', html))
  await look('log, filtered', 200, ada.get(`/impersonate/log/?impersonator=${q}&impersonating=${q}`, html))
  await look('log entry', 200, ada.get(`/impersonate/log/${id}/`, html))
})

t.test('what is looked for is found where it is', async t => {
  t.strictSame(foreignIn(`<p>${HOSTILE}</p>`), ['<script>', '<img>', '<img onerror>', '<style>', '<a href>'])
  t.strictSame(foreignIn('<p style="color:red" onclick="x()"><script>1</script>'), ['<p style>', '<p onclick>', '<script>'])
  t.strictSame(foreignIn('<script src="/impersonate/-/impersonate.js"></script><script src="https://evil.example"></script>'), ['<script>'])
})
