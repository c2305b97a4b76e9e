#!/usr/bin/env node
import { run } from './run.js'
import { ignoreClosedPipe } from './terminal.js'

process.stdout.on('error', ignoreClosedPipe)
process.exitCode = await run(process.argv.slice(2), process)
