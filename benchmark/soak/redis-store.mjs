const LIFETIME = 3600

/** Sessions in Redis, as an application with several processes keeps them. */
export function redisStore (redis, prefix) {
  const keyOf = id => `${prefix}${id}`
  return {
    set (id, value, done) { redis.set(keyOf(id), JSON.stringify(value), { EX: LIFETIME }).then(() => { done() }, done) },
    get (id, done) { redis.get(keyOf(id)).then(text => { done(null, text === null ? null : JSON.parse(text)) }, done) },
    destroy (id, done) { redis.del(keyOf(id)).then(() => { done() }, done) }
  }
}
