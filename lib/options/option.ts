import type { Check } from './checks.js'

/** An option as the table has it: its type, what it takes, and what the settings have of it. */
export interface Option<Given, Read> {
  /** @throws FST_IMPERSONATE_INVALID_OPTION */
  readonly check: Check
  /**
   * By itself: the default where it is not given, in the form that the rest of the plugin reads. It is called with what
   * `check` has let pass. (Written as a method, so that all options fit into one list.)
   */
  read (given: Given | undefined): Read
}

/**
 * An option without a default, one with a default, and one that is also read into another form.
 *
 * @param check what it takes; its type says the same to the compiler
 * @param otherwise the default
 * @param read the form for the settings
 */
export function option<Given> (check: Check): Option<Given, Given | undefined>
export function option<Given> (check: Check, otherwise: Given): Option<Given, Given>
export function option<Given, Read> (check: Check, otherwise: Given, read: (given: Given) => Read): Option<Given, Read>
export function option<Given, Read> (
  check: Check, otherwise?: Given, read?: (given: Given) => Read
): Option<Given, Given | Read | undefined> {
  return {
    check,
    read: (value = otherwise) => read === undefined || value === undefined ? value : read(value)
  }
}
