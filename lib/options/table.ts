import type { Option } from './option.js'
import { limits } from './table/limits.js'
import { log } from './table/log.js'
import { pages } from './table/pages.js'
import { permission } from './table/permission.js'
import { users } from './table/users.js'

type Table = typeof users & typeof permission & typeof pages & typeof log & typeof limits

/** Every option that there is. A new one is an entry in a file of table/: all else is made from it. */
export const TABLE: Table = { ...users, ...permission, ...pages, ...log, ...limits }

// Over the keys of the table itself, by which editors show an entry's comment for the option.
type Options = { [Name in keyof Table]?: Table[Name] extends Option<infer Given, unknown> ? Given : never }
type Readings = { readonly [Name in keyof Table]: ReturnType<Table[Name]['read']> }

/** All options. Every function may be sync or async unless it says otherwise. */
export interface ImpersonateOptions extends Options {}

/** What the table says of each option by itself. */
export interface OwnSettings extends Readings {}

// The settings are below: what reads them knows nothing of this table, from which most of them come.
declare module '../settings.js' {
  interface Settings extends Omit<OwnSettings, keyof People> {}
}
