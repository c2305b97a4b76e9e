#!/usr/bin/env node
import { run } from './run.js'

// `fastify-impersonate log | head` closes the pipe early, which is no failure.
process.stdout.on('error', error => { if (Reflect.get(error, 'code') !== 'EPIPE') throw error })
process.exitCode = await run(process.argv.slice(2), process)
