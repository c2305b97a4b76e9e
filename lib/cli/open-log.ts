import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Option, type Command } from 'commander'
import { connect } from '../log/database/embedded.js'
import { prismaLog } from '../log/prisma/log.js'
import type { LogStore } from '../log/store.js'
import { log } from '../options/table/log.js'
import { Failure, type Terminal } from './terminal.js'

/** Where the log is, as the options of the same names say to the plugin. */
export interface WhereOptions {
  databaseUrl: string
  prisma?: string
}

export const databaseUrlOption = () => new Option('-d, --database-url <address>', 'the log\'s database: file: or postgresql:; better in the environment, where no list of processes shows its password')
  .env('IMPERSONATE_DATABASE_URL')
  .default('file:./impersonate.db')

/** Adds the options that say where the log is. */
export function addWhere (command: Command): Command {
  return command
    .addOption(databaseUrlOption())
    .option('-p, --prisma <file>', 'a module of yours that exports the PrismaClient whose database has the log, as "prisma" or by default; for MariaDB, MySQL and renamed tables')
}

/** Runs something with the log, which is neither made nor migrated here, and closes it. */
export async function withLog<Value> (
  command: Command, { cwd }: Terminal, work: (log: LogStore) => Promise<Value>
): Promise<Value> {
  const { databaseUrl, prisma } = command.opts<WhereOptions>()
  if (prisma !== undefined && command.getOptionValueSource('databaseUrl') === 'cli') {
    command.error("error: options '--prisma' and '--database-url' exclude each other: the log is in one database")
  }
  const client = prisma === undefined
    ? await openDatabase(addressOf(command, databaseUrl, cwd()))
    : await importClient(resolve(cwd(), prisma))
  try {
    return await work(prismaLog(client))
  } finally {
    await disconnect(client)
  }
}

/**
 * The address as the plugin takes it, its path seen from the working directory. One that is wrong is not shown: it may
 * hold a password.
 */
export function addressOf (command: Command, databaseUrl: string, cwd: string): string {
  try {
    log.databaseUrl.check('databaseUrl', databaseUrl)
  } catch {
    command.error("error: option '--database-url', or IMPERSONATE_DATABASE_URL, takes a file: address without parameters or a postgresql: address; for another database there is --prisma")
  }
  return databaseUrl.startsWith('file:') ? `file:${resolve(cwd, databaseUrl.slice('file:'.length))}` : databaseUrl
}

async function openDatabase (address: string): Promise<object> {
  const path = address.slice('file:'.length)
  if (address.startsWith('file:') && !existsSync(path)) {
    throw new Failure(`There is no file ${path}: say with --database-url or IMPERSONATE_DATABASE_URL where the log is, or with --prisma whose it is`)
  }
  return (await connect(address)).client
}

async function importClient (path: string): Promise<object> {
  const module: object = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    const message = String([Reflect.get(Object(cause), 'message'), cause].find(Boolean))
    const hint = /unknown.file.extension/i.test(message) ? '; this Node reads no TypeScript, so give a JavaScript file' : ''
    throw new Failure(`${path} cannot be imported${hint}: ${message}`, { cause })
  })
  const client: unknown = Reflect.get(module, 'prisma') ?? Reflect.get(module, 'default')
  try {
    log.prisma.check('--prisma', client)
  } catch {
    throw new Failure(`${path} exports no PrismaClient that has impersonationLog, neither as "prisma" nor by default`)
  }
  return Object(client)
}

async function disconnect (client: object): Promise<void> {
  const close: unknown = Reflect.get(client, '$disconnect')
  if (typeof close === 'function') await close.call(client)
}
