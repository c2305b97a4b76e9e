// Writes docs/errors.md from lib/errors.ts: `node docs/errors.mjs`. With --check it only tells whether they agree.
import { readFileSync, writeFileSync } from 'node:fs'

const source = readFileSync(new URL('../lib/errors.ts', import.meta.url), 'utf8')
const page = new URL('errors.md', import.meta.url)

const ERROR = /\/\*\*\n([\s\S]*?) \*\/\nexport const (FST_IMPERSONATE_\w+): Coded[^=]* = createError\('\w+',\s+'(.*)', (\d+)(?:, TypeError)?\)/g
const errors = [...source.matchAll(ERROR)].map(([, comment, code, message, status]) => {
  const [cause, cure] = comment.replace(/^ \* ?/gm, '').trim().split('\n\nCure: ')
  return { code, message: message.replaceAll("\\'", "'"), status, cause, cure }
})
const declared = source.match(/export const FST_/g)
if (errors.length !== declared.length || errors.some(({ cure }) => cure === undefined)) {
  throw new Error('Each error in lib/errors.ts is `NAME: Coded = createError(…)`, under a comment of the form: cause, empty line, "Cure: …"')
}

const text = `# Errors

What the plugin throws and answers, with \`code\`, \`message\` and \`statusCode\`; all are exported as \`errors\`. Those with status 500 are
thrown at start-up, but for \`…TEMPLATE\` and \`…ABORTED\`. No message holds a user's id or e-mail address. When nothing fails but nothing happens either:
[troubleshooting](troubleshooting.md).

${errors.map(({ code, message, status, cause, cure }) => `## ${code}

${message === '%s' ? '' : `> ${message.replaceAll('%s', '…')}\n\n`}**${status}.** ${cause}

**Cure:** ${cure}
`).join('\n')}`

if (process.argv[2] !== '--check') writeFileSync(page, text)
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/errors.md is not what lib/errors.ts says: run node docs/errors.mjs')
  process.exitCode = 1
}
