import { field } from '../is.js'
import { createLanguage } from '../messages/language.js'
import type { Settings } from '../settings.js'
import { readBanner } from './banner.js'
import * as is from './checks.js'
import { refuseConflicts } from './conflicts.js'
import type { Option } from './option.js'
import { readPaths } from './paths.js'
import { createPeople } from './people.js'
import { readSignIn } from './sign-in.js'
import { TABLE, type ImpersonateOptions, type OwnSettings } from './table.js'
import { readUserSource } from './user-source.js'

/** Fastify's own options of `register`, which pass. */
const FASTIFYS_OWN = new Set(['prefix', 'logLevel', 'logSerializers'])
const ENTRIES = new Map<string, Option<unknown, unknown>>(Object.entries(TABLE))

/**
 * Checks every option and fills in every default; the caller's object is never written to.
 *
 * @param scopePrefix the prefix of the scope that the plugin is registered in
 * @param hasSession whether requests have a web session by the time that the plugin sees them
 * @throws FST_IMPERSONATE_INVALID_OPTION
 */
export function readOptions (given: ImpersonateOptions, scopePrefix = '', hasSession = true): Settings {
  checkEach(given)
  refuseConflicts(given)
  const own = readEach(given)
  const language = createLanguage(own.messages, own.now)
  const { banner } = own

  // What follows `own` depends on other options, or on where the plugin is registered.
  return Object.freeze({
    ...own,
    ...readPaths(own, scopePrefix),
    ...readUserSource(given),
    ...createPeople(given),
    ...readSignIn(given, hasSession),
    language,
    banner: banner !== false && readBanner(banner === true ? {} : banner, language)
  })
}

function checkEach (given: ImpersonateOptions): void {
  for (const [name, value] of Object.entries(given)) {
    const option = ENTRIES.get(name)
    if (option === undefined && !FASTIFYS_OWN.has(name)) is.unknownOption(name, [...ENTRIES.keys()])
    if (value !== undefined) option?.check(name, value)
  }
}

/** Each as its entry reads it. */
function readEach (given: ImpersonateOptions): OwnSettings {
  // In a list the compiler loses which name has which type. The table's own type says it again.
  const own: unknown[][] = [...ENTRIES].map(([name, option]) => [name, option.read(field(given, name))])
  return Object.fromEntries(own)
}
