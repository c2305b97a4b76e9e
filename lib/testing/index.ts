export { createClock, type Clock } from './clock.js'
export { impersonate, type ImpersonateForTest, type SignedIn } from './impersonate.js'
export { testUserSource, type PlainUser, type SourceUnderTest, type TestUserSourceOptions } from './user-source.js'
