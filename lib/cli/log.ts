import { InvalidArgumentError, Option, type Command } from 'commander'
import { parseDate } from '../http/dates.js'
import { paginatorOf } from '../http/paging.js'
import { entryOf } from '../log/entry.js'
import type { LogQuery } from '../log/store.js'
import { addWhere, withLog } from './open-log.js'
import { personOf, writeRows } from './rows.js'
import { Failure, printable, table, toJson, type Terminal } from './terminal.js'

type Asked = Pick<LogQuery, 'session' | 'impersonator' | 'impersonating' | 'from' | 'to' | 'page'> & { perPage: number, json?: true }

const COUNT_LIMIT = 1000

/** `log`: the entries, newest first, or one of them. */
export function logCommand (program: Command, terminal: Terminal): void {
  const command = program.command('log')
    .summary('list the log\'s entries, newest first, or show one')
    .description('Lists the log\'s entries, newest first; with an id, all of that entry. Times are in UTC.')
    .argument('[id]', 'an entry\'s id')
    .addOption(new Option('-s, --session <state>', 'only what is over, or what is not').choices(['complete', 'incomplete']))
    .option('--impersonator <id>', 'only what this person did')
    .option('--impersonating <id>', 'only what was done as this person')
    .option('--from <time>', 'only what started at this time or later, such as 2026-01-31 or 2026-01-31T12:00:00Z', time)
    .option('--to <time>', 'only what started before this time', time)
    .option('--page <number>', 'which page', wholeNumber(1_000_000), 1)
    .option('--per-page <number>', 'entries a page', wholeNumber(1000), 20)
    .option('--json', 'JSON, as the route GET /log/ answers it')
    .addHelpText('after', `
Examples:
  $ fastify-impersonate log --session incomplete
  $ fastify-impersonate log --impersonating 42 --from 2026-01-01 --to 2026-02-01 --json`)
  addWhere(command).action(async (id: string | undefined) => {
    const asked = command.opts<Asked>()
    await (id === undefined ? list(command, terminal, asked) : show(command, terminal, id, asked))
  })
}

async function list (command: Command, terminal: Terminal, { perPage, json, ...filter }: Asked): Promise<void> {
  const { stdout } = terminal
  const query = { ...filter, pageSize: perPage, countLimit: COUNT_LIMIT }
  const found = await withLog(command, terminal, log => log.list(query))
  const paginator = paginatorOf(found, perPage)
  const { rows, hasNext, count, countIsExact } = found
  if (json === true) {
    const page = { number: filter.page, hasNext, hasPrevious: filter.page > 1 }
    stdout.write(toJson({ logs: rows.map(entryOf), page, paginator }) + '\n')
    return
  }
  writeRows(stdout, rows)
  const all = countIsExact ? String(count) : `more than ${count}`
  stdout.write(rows.length === 0 ? 'No entries.\n' : `${rows.length} of ${all} ${count === 1 ? 'entry' : 'entries'}${hasNext ? `, the next ones: --page ${filter.page + 1}` : ''}\n`)
}

async function show (command: Command, terminal: Terminal, id: string, { json }: Asked): Promise<void> {
  const row = await withLog(command, terminal, async log => await log.findById(id))
  if (row === null) throw new Failure(`There is no entry ${printable(id)} in this log`)
  const entry = entryOf(row)
  const { id: own, impersonator, impersonating, endedBy, ...plain } = entry
  const { ipAddress, userAgent } = row
  if (json === true) {
    terminal.stdout.write(toJson(entry) + '\n')
    return
  }
  const named = {
    id: own,
    impersonator: personOf(impersonator),
    impersonating: personOf(impersonating),
    ...plain,
    endedBy: endedBy && personOf(endedBy),
    ipAddress,
    userAgent
  }
  const fields = Object.entries(named).map(([name, value]) => [name, value === null ? '–' : printable(String(value))])
  for (const line of table(fields)) terminal.stdout.write(`${line}\n`)
}

function time (text: string): Date {
  const date = parseDate(text)
  if (date === null) throw new InvalidArgumentError('It takes a time that exists, such as 2026-01-31 or 2026-01-31T12:00:00Z.')
  return date
}

function wholeNumber (most: number): (text: string) => number {
  return text => {
    const number = /^[1-9]\d*$/.test(text) ? Number(text) : 0
    if (number < 1 || number > most) throw new InvalidArgumentError(`It takes a whole number from 1 to ${most}.`)
    return number
  }
}
