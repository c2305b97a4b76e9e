/**
 * Keys of rows that could not be read may be made up, so each person has few; who cannot be told have more together.
 */
const MOST = { ofOne: 20, ofUnknown: 1000 }

/** Whose the keys are that wait for a log which cannot be read. */
export function countUnread () {
  const owners = new Map<string, string | undefined>()
  const counts = new Map<string | undefined, number>()
  let leftOut = 0

  return {
    /** False where this person has too many. */
    note (sessionKey: string, personId: string | undefined): boolean {
      const count = counts.get(personId) ?? 0
      if (count >= (personId === undefined ? MOST.ofUnknown : MOST.ofOne)) {
        leftOut++
        return false
      }
      owners.set(sessionKey, personId)
      counts.set(personId, count + 1)
      return true
    },

    forget (sessionKey: string): void {
      if (!owners.has(sessionKey)) return
      const personId = owners.get(sessionKey)
      owners.delete(sessionKey)
      const count = Number(counts.get(personId)) - 1
      if (count === 0) counts.delete(personId)
      else counts.set(personId, count)
    },

    /** How many were left to the sweep since the last time. */
    report (): { leftOut?: number } {
      const report = leftOut === 0 ? {} : { leftOut }
      leftOut = 0
      return report
    }
  }
}
