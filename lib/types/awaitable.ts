/** What may be a promise of it; internal, and not exported by the package. */
export type Awaitable<Value> = Value | PromiseLike<Value>
