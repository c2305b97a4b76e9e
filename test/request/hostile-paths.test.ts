import t from 'tap'
import { testHostilePaths } from './hostile-paths.suite.js'

t.setTimeout(600_000)
testHostilePaths(t)
