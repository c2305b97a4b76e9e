interface Asked<Value> {
  answer (value: Value | null): void
  fail (reason: unknown): void
}

/** One look-up, and several as one query. */
export interface LookUp<Key, Value> {
  one (key: Key): Promise<Value | null>
  /** Each key is there once. */
  many (keys: Key[]): Promise<Map<Key, Value>>
}

/**
 * Makes one query of the look-ups that arrive in one turn of the event loop: the more requests there are at once, the less
 * each of them costs. One alone waits for no others.
 */
export function batched<Key, Value> ({ one, many }: LookUp<Key, Value>): (key: Key) => Promise<Value | null> {
  let waiting = new Map<Key, Array<Asked<Value>>>()

  async function load (keys: Key[]): Promise<Map<Key, Value | null>> {
    const [first] = keys
    return keys.length === 1 && first !== undefined ? new Map([[first, await one(first)]]) : await many(keys)
  }

  async function flush (): Promise<void> {
    const asked = waiting
    waiting = new Map()
    try {
      const values = await load([...asked.keys()])
      for (const [key, all] of asked) for (const { answer } of all) answer(values.get(key) ?? null)
    } catch (reason) {
      for (const { fail } of [...asked.values()].flat()) fail(reason)
    }
  }

  return async key => await new Promise((resolve, reject) => {
    if (waiting.size === 0) setImmediate(flush)
    const all = waiting.get(key) ?? []
    all.push({ answer: resolve, fail: reject })
    waiting.set(key, all)
  })
}
