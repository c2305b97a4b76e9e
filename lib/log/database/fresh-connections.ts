import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { field, hasMethods } from '../../is.js'

/**
 * The same adapter, which gives a connection up for a new one where a statement found the file locked. libsql does not
 * reset such a statement, and until the garbage collector does, what else the connection writes is not committed and
 * keeps the lock.
 *
 * @see https://www.sqlite.org/c3ref/reset.html
 */
export function withFreshConnections (
  adapter: SqlMigrationAwareDriverAdapterFactory
): SqlMigrationAwareDriverAdapterFactory {
  return Object.create(adapter, {
    connect: {
      value: async () => {
        const connection = await adapter.connect()
        freshenWhereBusy(connection)
        return connection
      }
    }
  })
}

function freshenWhereBusy (connection: SqlDriverAdapter): void {
  const client: unknown = field(connection, 'client')
  const onError = field(connection, 'onError')
  if (!hasMethods(client, ['reconnect']) || typeof onError !== 'function') throw new TypeError('not an adapter of @prisma/adapter-libsql 7.10')
  // The adapter calls it before it lets the next statement in.
  Reflect.set(connection, 'onError', (error: unknown) => {
    if (String(field(error, 'code')).startsWith('SQLITE_BUSY')) Object(client).reconnect()
    return Reflect.apply(onError, connection, [error])
  })
}
