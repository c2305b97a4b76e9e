import t from 'tap'
import { statementForOldRows } from '../../dist/lib/cli/old-rows.js'

t.test('the statement for rows of an older version is that of the bundled migration, in each database\'s quotes', async t => {
  for (const [provider, quote] of [['sqlite', '"'], ['postgresql', '"'], ['mysql', '`']] as const) {
    const statement = statementForOldRows(provider)
    t.ok(statement.startsWith(`UPDATE ${quote}ImpersonationLog${quote} SET`), provider)
    t.ok(statement.endsWith(';') && statement.indexOf(';') === statement.length - 1, `${provider}: one statement`)
    t.match(statement, `${quote}reportedAt${quote}`)
  }
})
