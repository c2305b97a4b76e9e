import type { EndReason, Impersonation, ImpersonationLog, Person } from '../types/index.js'
import { cut } from './columns.js'
import { isReported } from './reported.js'

/** A row as the database has it. */
export interface LogRow extends ImpersonationLog {
  /** SHA-256 of the browser's key. */
  sessionKey: string
  /** SHA-256 of the impersonator's sign-in while open, null once ended. */
  openKey: string | null
}

/** A row as applications see it. */
export function withoutKeys ({ sessionKey, openKey, ...log }: LogRow): ImpersonationLog {
  return { ...log, reportedAt: isReported(log) ? log.reportedAt : null }
}

/** What a request knows of its row. */
export function asImpersonation ({ id, sessionStartedAt, expiresAt, reason, readOnly }: LogRow): Impersonation {
  return Object.freeze({ id, startedAt: sessionStartedAt, expiresAt, readOnly, reason })
}

/** How an impersonation ended. */
export interface Ending {
  reason: EndReason
  /** When it truly ended: a deadline, not its discovery. */
  at: Date
  /** Who ended it, where somebody did. */
  by?: Person | null
  /** Where it needs no report any more, or somebody is at it. */
  reportedAt?: Date | null
}

/** What an ending changes in a row. No end is before its start: a clock that is set back would make one. */
export function endedAs ({ reason, at, by, reportedAt = null }: Ending, { sessionStartedAt }: Pick<LogRow, 'sessionStartedAt'>) {
  return {
    openKey: null,
    sessionEndedAt: at < sessionStartedAt ? sessionStartedAt : at,
    endReason: reason,
    endedById: by?.id ?? null,
    endedByName: by ? cut(by.name, 'endedByName') : null,
    reportedAt
  }
}

const TEXTS = ['id', 'sessionKey', 'impersonatorId', 'impersonatorName', 'impersonatingId', 'impersonatingName']

/** Whether something read from outside is a row: what is none must stop the request, not run it. */
export function isLogRow (row: unknown): row is LogRow {
  if (typeof row !== 'object' || row === null) return false
  const field = (name: string): unknown => Reflect.get(row, name)
  const openKey = field('openKey')
  return (openKey === null || typeof openKey === 'string') &&
    TEXTS.every(name => typeof field(name) === 'string') &&
    ['sessionStartedAt', 'lastSeenAt'].every(name => isTime(field(name))) &&
    ['sessionEndedAt', 'expiresAt'].every(name => field(name) === null || isTime(field(name))) &&
    (field('reportedAt') === undefined || field('reportedAt') === null || isTime(field('reportedAt')))
}

export function isTime (value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime())
}

/** What the log is narrowed down to; times: `from` inclusive, `to` exclusive. */
export interface LogFilter {
  session?: 'complete' | 'incomplete' | undefined
  impersonator?: string | undefined
  impersonating?: string | undefined
  from?: Date | undefined
  to?: Date | undefined
}

/** A page of the log. */
export interface LogQuery extends LogFilter {
  page: number
  pageSize: number
  countLimit: number
}

export interface LogPage {
  rows: LogRow[]
  hasNext: boolean
  count: number
  countIsExact: boolean
}

/** Which open rows are asked for: newest first, those before this id. */
export interface OpenQuery {
  impersonator?: string | undefined
  impersonating?: string | undefined
  /**
   * Only those that expire by `now`, were not seen after `unseenSince`, or began by `unusedSince` and were never used.
   */
  overdue?: { now: Date, unseenSince: Date, unusedSince: Date } | undefined
  before?: string | undefined
  most: number
}

/** Where rows are kept. Each call either does what it says or rejects. */
export interface LogStore {
  findByKey (sessionKey: string): Promise<LogRow | null>
  findById (id: string): Promise<LogRow | null>
  /**
   * Writes an open row; an open row of the same sign-in is closed in the same transaction. Resolves to that one as it
   * is then; null where there was none, or somebody else closed it meanwhile.
   */
  open (row: LogRow, endingOf: (replaced: LogRow) => Ending): Promise<LogRow | null>
  /**
   * Closes an open row; false where it is none any more: somebody else was first. With `lastSeenAt` only where it has
   * not been seen since.
   */
  close (row: LogRow, ending: Ending, lastSeenAt?: Date): Promise<boolean>
  findOpen (query: OpenQuery): Promise<LogRow[]>
  /** Notes a request, unless one has been noted since this row was read. */
  see (row: LogRow, at: Date): Promise<void>
  /** Some of the rows that have ended, and so many milliseconds later were not reported. */
  findUnreported (timeout: number, now: number): Promise<LogRow[]>
  /** Takes it upon this process to report a row; false where another one has, since it was read. */
  claimReport (row: LogRow, now: number): Promise<boolean>
  /** Notes that the end hooks have run. */
  noteReported (row: LogRow, at: Date): Promise<void>

  list (query: LogQuery): Promise<LogPage>
  /** The rows that follow this one in the list, without it the first; at most so many. */
  following (filter: LogFilter, after: LogRow | undefined, most: number): Promise<LogRow[]>
  /** Who has impersonated, by name; at most so many. */
  impersonators (most: number): Promise<Person[]>
  /** Adds a closed row as it is. */
  add (row: LogRow): Promise<void>
  /** Changes a closed row's reason; false where there is no closed row of this id. */
  changeReason (id: string, reason: string | null): Promise<boolean>
  /** Deletes a closed row; false where there is none of this id. */
  remove (id: string): Promise<boolean>
}
