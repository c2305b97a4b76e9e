import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { defaultTreeAdapter as tree, parse, serialize, type DefaultTreeAdapterTypes } from 'parse5'
import t from 'tap'
import { insertIntoBytes, insertIntoStream, insertIntoText } from '../../dist/lib/banner/insert.js'

// Where the banner goes is held against parse5, which builds the tree that a browser builds.

const BANNER = { first: '<impersonate-banner></impersonate-banner>', last: '' }

function bodyOf (document: DefaultTreeAdapterTypes.Document) {
  const html = document.childNodes.find(node => node.nodeName === 'html')
  return (html !== undefined && tree.isElementNode(html) ? html.childNodes : []).filter(tree.isElementNode).find(({ tagName }) => tagName === 'body' || tagName === 'frameset')
}

/** What is wrong with the page that has the banner; undefined where it is the page, and the banner first in its body. */
function wrong (page: string, shown: string | null): string | undefined {
  // A decoder takes the byte order mark.
  const original = parse(page.replace(/^\ufeff/, ''))
  const body = bodyOf(original)
  if (shown === null) return body?.tagName === 'body' && body.childNodes.length > 0 ? 'left without banner' : undefined
  const document = parse(shown.replace(/^\ufeff/, ''))
  const [first] = bodyOf(document)?.childNodes ?? []
  if (first === undefined || !tree.isElementNode(first) || first.tagName !== 'impersonate-banner') return 'the banner is not first in the body'
  tree.detachNode(first)
  return serialize(document) === serialize(original) ? undefined : 'the page is another one'
}

const documents = {
  'a usual page': '<!doctype html>\n<html lang="en">\n<head>\n<title>A</title>\n</head>\n<body class="a">\n<h1>A</h1>\n</body>\n</html>\n',
  'no body tag': '<!doctype html><title>A</title><p>Hello',
  'no body tag, text first': '<!doctype html>\n\n<title>A</title>\n\n  Hello',
  'a non-breaking space is text': '<!doctype html>\u00a0<body>',
  'no head': '<html><body>x',
  'a head without its end': '<!doctype html><head><meta charset=utf-8><link rel=x><h1>A</h1>',
  'a body tag in capitals, over lines': '<!DOCTYPE HTML><HTML><BODY\nCLASS="x"\n  ONLOAD = \'a > b\'>x',
  'a > in attributes': '<!doctype html><html data-a="</head><body>"><head><meta content=\'<body>\'><body data-b="a > b" data-c=\'>\'><p>',
  'quotes where none belong': '<!doctype html><body a"b>c" =">"d>',
  'an attribute without a value': '<!doctype html><body hidden class= >x',
  'an attribute that is empty': '<!doctype html><body class=>x',
  'body in a comment': '<!doctype html><!-- <body> --><head><!--><body id=a><!-- --!><p>',
  'short comments': '<!doctype html><!--><!---><body id=a>x',
  'a comment of dashes': '<!doctype html><!------><body id=a>x',
  'other things like comments': '<!doctype html><?xml version="1.0"?><!ELEMENT a></ a></><![CDATA[ <body> ]]><body id=a>x',
  'body in a script': '<!doctype html><script>document.write("<body></body>")</script><body>x',
  'a script in a comment in a script': '<!doctype html><script><!-- <script> </script> <body> --> </script><body>x',
  'a comment in a script that is none': '<!doctype html><script><!--> <script></script><body>x',
  'one more': '<!doctype html><script><!-- <script> --> </script><body>x',
  'a script whose end is capitals': '<!doctype html><SCRIPT>"<body>"</SCRIPT ><body>x',
  'an end that is none': '<!doctype html><script>"</scripts><body>"</script><title></titles><body></title><body>x',
  'body in a style and a title': '<!doctype html><style>/*<body>*/</style><title><body></title><body>x',
  'body in noscript and noframes': '<!doctype html><noscript><body></noscript><noframes><body></noframes><body>x',
  'body in a template': '<!doctype html><template><body><template></template><script>"</template>"</script><textarea></template></textarea>x & y </template><body>x',
  'a template end too many': '<!doctype html></template><template></template><body>x',
  'end tags that say nothing': '<!doctype html></p></div></head></title><body>x',
  '</body> that begins a body': '<!doctype html></head></body>',
  '</br> that begins a body': '<!doctype html></br>',
  'head elements behind the head': '<!doctype html><head></head><link><meta><script></script><body>x',
  'a custom element in the head': '<!doctype html><head><my-meta></my-meta><title>A</title></head><body class=a>x',
  'a < that is text': '<!doctype html>< body><body>',
  'a < that is text, in a template': '<!doctype html><template>a < b <</template><body>x',
  'an empty document': '<!doctype html><html><head></head>',
  frames: '<!doctype html><frameset><frame></frameset>',
  'a byte order mark': '\ufeff<!doctype html><body>x',
  'an unfinished tag': '<!doctype html><body class="a',
  'an unfinished attribute': '<!doctype html><body class',
  'an unfinished declaration': '<!doctype html><!-',
  'an unfinished end': '<!doctype html></',
  'an unfinished script': '<!doctype html><script><body>',
  'an unfinished style': '<!doctype html><style><body>',
  'an unfinished template': '<!doctype html><template><p>',
  'an unfinished start': '<!doctype html><',
  'self-closing': '<!doctype html><title/></title><body/>x',
  'letters of all kinds': '<!doctype html><title>Ünï — 日本語 𝒳</title><body>日本語</body>'
}

t.test('the banner is first in the body, and the page is as it was', async t => {
  for (const [name, page] of Object.entries(documents)) {
    t.equal(wrong(page, insertIntoText(page, false, BANNER)), undefined, name)
    t.equal(wrong(page, insertIntoText(page, true, BANNER)), undefined, `${name}, surely a page`)
  }
})

t.test('only pages without a body are left without one', async t => {
  const left = Object.entries(documents).filter(([, page]) => insertIntoText(page, true, BANNER) === null).map(([name]) => name)
  t.strictSame(left.filter(name => !name.startsWith('an unfinished')), ['frames'])
})

t.test('fragments are left as they are, and the same on its own is a page', async t => {
  const fragments = [
    '<p>Hello</p>', 'Hello', '<title>A</title><p>', '<head><title>A</title></head><p>', '<!-- a --><div>', '<link><tr>', '<script></script><b>',
    '<template><html><body></template><p>', '<turbo-frame id="a"><body></turbo-frame>', '</body>', '{"a":"<html>"}', ''
  ]
  for (const page of fragments) {
    t.equal(insertIntoText(page, false, BANNER), null, page)
    t.equal(wrong(page, insertIntoText(page, true, BANNER)), undefined, `${page}, surely a page`)
  }
})

t.test('UTF-16 is nothing that can be read here', async t => {
  const little = Buffer.from('\ufeff<!doctype html><body>x', 'utf16le')
  for (const page of [little, Buffer.from(little).swap16()]) {
    for (const isPage of [true, false]) {
      t.equal(insertIntoBytes(page, isPage, BANNER), null)
      const chunks = [page.subarray(0, 1), page.subarray(1)]
      t.same(await buffer(insertIntoStream(Readable.from(chunks), isPage, BANNER)), page, 'a stream of it')
    }
  }
  t.ok(insertIntoText('\u00ff\u00fe is how this page begins', true, BANNER), 'the same as letters of a text')
})

/** Each would take minutes if any part of it were looked at again with each piece. */
const slow = {
  'a tag that does not end': '<!doctype html><meta content="' + '> '.repeat(400_000),
  'a tag of many attributes': '<!doctype html><meta ' + 'a=b c="d>" '.repeat(80_000),
  'a name that does not end': '<!doctype html><' + 'x'.repeat(900_000),
  'a note that does not end': '<!doctype html><?' + 'x'.repeat(900_000),
  'a script with many ends that are none': '<!doctype html><script>' + '<!-- <script '.repeat(70_000),
  'many templates': '<!doctype html>' + '<template><p>'.repeat(70_000),
  spaces: '<!doctype html>' + ' '.repeat(900_000)
}
for (const [name, page] of Object.entries(slow)) {
  t.test(`what comes in small pieces is looked at once: ${name}`, { timeout: 30_000 }, async t => {
    const bytes = Buffer.from(page)
    const chunks = Array.from({ length: Math.ceil(bytes.length / 8) }, (unused, n) => bytes.subarray(n * 8, n * 8 + 8))
    t.ok((await buffer(insertIntoStream(Readable.from(chunks), false, BANNER))).includes(bytes))
    insertIntoBytes(bytes, false, BANNER)
    insertIntoText(page, false, BANNER)
  })
}

t.test('what is to be last is last', async t => {
  const both = { first: '[first]', last: '[last]' }
  const page = '<!doctype html><body>x</body></html>\n'
  const expected = '<!doctype html><body>[first]x</body></html>\n[last]'
  t.equal(insertIntoText(page, false, both), expected)
  t.equal(insertIntoBytes(Buffer.from(page), false, both)?.toString(), expected)
  t.equal((await buffer(insertIntoStream(Readable.from([page]), false, both))).toString(), expected)
  t.equal((await buffer(insertIntoStream(Readable.from(['<p>']), false, both))).toString(), '<p>')
})

const pieces = fc.array(fc.constantFrom(
  ...Object.values(documents), '<body>', '<body class="', '">', '>', '<', '</', '<!--', '-->', '--!>', '-', '<!', '<script>', '</script>', '<script', '</script ', '<template>',
  '</template>', '<title>', '</title>', '<html>', '<head>', '</head>', '<meta ', '=', '"', '\'', ' ', '\n', 'a', '/', '<noscript>', '</noscript>', '<link/>', 'é', '<p>'
), { maxLength: 12 }).map(parts => parts.join(''))

t.test('so it is with any soup of tags', async t => {
  const isFrames = (page: string) => bodyOf(parse(page))?.tagName === 'frameset'
  fc.assert(fc.property(pieces, page => isFrames(page) || wrong(page, insertIntoText(page, true, BANNER)) === undefined), { numRuns: 5000 })
  t.pass()
})

t.test('bytes and streams are cut anywhere and get what a text gets', async t => {
  await fc.assert(fc.asyncProperty(pieces, fc.boolean(), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), async (page, isPage, lengths) => {
    const both = { ...BANNER, last: '<!-- last -->' }
    const expected = insertIntoText(page, isPage, both) ?? page
    const bytes = Buffer.from(page)
    const chunks = []
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const length = Number(lengths[turn % lengths.length])
      chunks.push(bytes.subarray(at, at += length))
    }
    const streamed = await buffer(insertIntoStream(Readable.from(chunks), isPage, both))
    return streamed.toString() === expected && (insertIntoBytes(bytes, isPage, both) ?? bytes).toString() === expected
  }), { numRuns: 500 })
  t.pass()
})

t.test('a body is found behind any head', async t => {
  for (const length of [8150, 8160, 8170, 8180, 8190, 20_000, 70_000]) {
    const page = `<!doctype html><title>A</title><script>${'x'.repeat(length)}</script><body class="a">Hello`
    t.equal(wrong(page, String(insertIntoBytes(Buffer.from(page), false, BANNER))), undefined, String(length))
  }
})

t.test('a stream goes on before its page is whole, and a tag without end is not waited for', async t => {
  const seen: string[] = []
  const source = new Readable({ read () {} })
  const shown = insertIntoStream(source, false, BANNER)
  shown.on('data', chunk => { seen.push(String(chunk)) })
  const push = async (chunk: string) => {
    source.push(chunk)
    await new Promise(resolve => { setImmediate(resolve) })
    return seen.splice(0).join('')
  }
  t.equal(await push('<!doctype html><head><script>' + 'x'.repeat(100)), '<!doctype html><head><script>' + 'x'.repeat(84))
  t.equal(await push('</script><bo'), 'x'.repeat(16) + '</script>')
  t.equal(await push('dy>Hello'), `<body>${BANNER.first}Hello`)
  t.equal(await push('more'), 'more')
  source.push(null)

  const endless = `<!doctype html><body class="${'x'.repeat(1_100_000)}`
  t.equal((await buffer(insertIntoStream(Readable.from([endless, '">']), false, BANNER))).toString(), `${endless}">`)
})
