import { FST_IMPERSONATE_REASON_REQUIRED } from '../errors.js'
import { LONGEST_REASON } from '../log/columns.js'
import type { ReasonRules } from '../settings.js'

/**
 * The reason as the log takes it: trimmed; null where none is given and none is required.
 *
 * @throws FST_IMPERSONATE_REASON_REQUIRED
 */
export function readReason (rules: ReasonRules | null, given: string | null | undefined): string | null {
  const reason = (given ?? '').replaceAll('\0', '\ufffd').toWellFormed().trim()
  if ([...reason].length > LONGEST_REASON) throw new FST_IMPERSONATE_REASON_REQUIRED(`The reason takes at most ${LONGEST_REASON} characters`)
  if (rules === null) return reason === '' ? null : reason
  const length = visibleLength(reason)
  if (length === 0) throw new FST_IMPERSONATE_REASON_REQUIRED('Give a reason')
  if (length < rules.minLength) throw new FST_IMPERSONATE_REASON_REQUIRED(`The reason takes at least ${rules.minLength} characters`)
  return reason
}

/** How much of a text can be seen: what only takes up room is no reason. */
function visibleLength (text: string): number {
  return [...text.replace(/\s+/gu, ' ').replace(/[\p{C}\u2800\u3164]/gu, '').trim()].length
}
