import type { FastifyRequest } from 'fastify'
import { FST_IMPERSONATE_REASON_REQUIRED } from './errors.js'
import type { ImpersonateOptions, RequireReason, User } from './types.js'
import { within } from './within.js'

/** In characters, also where no reason is required. */
export const LONGEST_REASON = 1000

/** The option `requireReason`, with its defaults. */
export interface ReasonRules {
  minLength: number
  validate: RequireReason['validate']
}

export function readReasonRules (option: NonNullable<ImpersonateOptions['requireReason']>): ReasonRules | null {
  if (option === false) return null
  const { minLength = 1, validate } = option === true ? {} : option
  return { minLength, validate }
}

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

/**
 * Asks the application whether the reason is good enough. Anything but true is a no.
 *
 * @throws FST_IMPERSONATE_REASON_REQUIRED with the application's words, FST_IMPERSONATE_UNAVAILABLE
 */
export async function validateReason (
  rules: ReasonRules | null, reason: string | null, people: { request: FastifyRequest, impersonator: User, impersonating: User }, timeout: number
): Promise<void> {
  const validate = rules?.validate
  if (validate === undefined || reason === null) return
  const answer: unknown = await within(timeout, '"requireReason.validate" did not answer', async () => await validate(reason, people))
  if (answer !== true) throw new FST_IMPERSONATE_REASON_REQUIRED(typeof answer === 'string' && answer !== '' ? answer : 'This reason is not accepted')
}
