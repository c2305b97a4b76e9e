type Answer<Value> = (value: Value | null | Promise<Value | null>) => void

/** One look-up, and several as one query. */
export interface LookUp<Key, Value> {
  one (key: Key): Promise<Value | null>
  /** Each key is there once. */
  many (keys: Key[]): Promise<Map<Key, Value>>
  /**
   * The value once more, for another who asked for it; undefined where it cannot be copied, and so is looked up anew.
   */
  copy (value: Value): Value | undefined
}

/**
 * Makes one query of the look-ups that arrive in one turn of the event loop: the more requests there are at once, the
 * less each of them costs. One alone waits for no others. Nobody gets an object that another one has as well. Where the
 * query fails, each is looked up alone: what is wrong with one of them fails no other.
 */
export function batched<Key, Value> ({ one, many, copy }: LookUp<Key, Value>): (key: Key) => Promise<Value | null> {
  let waiting = new Map<Key, Array<Answer<Value>>>()

  function give (key: Key, value: Value | null, all: Array<Answer<Value>>): void {
    for (const [index, answer] of all.entries()) {
      answer(index === 0 || value === null ? value : copy(value) ?? one(key))
    }
  }

  async function giveAlone (key: Key, all: Array<Answer<Value>>): Promise<void> {
    await one(key).then(
      value => { give(key, value, all) },
      reason => { for (const answer of all) answer(Promise.reject(reason)) }
    )
  }

  async function flush (): Promise<void> {
    const asked = waiting
    waiting = new Map()
    const keys = [...asked.keys()]
    // Why it failed, each will be told by its own look-up.
    const values = keys.length === 1 ? null : await many(keys).catch(() => null)
    for (const [key, all] of asked) {
      if (values === null) giveAlone(key, all)
      else give(key, values.get(key) ?? null, all)
    }
  }

  return async key => await new Promise(resolve => {
    if (waiting.size === 0) setImmediate(flush)
    waiting.set(key, [...waiting.get(key) ?? [], resolve])
  })
}
