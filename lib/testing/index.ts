export { testUserSource, type PlainUser, type SourceUnderTest, type TestUserSourceOptions } from './user-source.js'
