/** Every text of the banner. What is in braces is filled in. */
export const texts = {
  /** A language tag: of the banner and of its time left. */
  lang: 'en',
  /** `ltr` or `rtl`. */
  dir: 'ltr',
  'banner.label': 'Impersonation',
  'banner.sees': 'You see this as {user}',
  'banner.really': 'You are {impersonator}',
  'banner.readOnly': 'Read-only',
  'banner.writable': 'Changes are real',
  'banner.timeLeft': '{time} left',
  'banner.timeUp': 'Time is up',
  'banner.reason': 'Reason: {reason}',
  'banner.stop': 'Stop impersonating'
}
