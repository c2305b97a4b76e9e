export { createClock, type Clock } from './clock.js'
export { impersonate, type ImpersonateForTest, type SignedIn } from './impersonate.js'
export type { PlainUser } from './sample-users.js'
export { testUserSource, type SourceUnderTest, type TestUserSourceOptions } from './user-source.js'
