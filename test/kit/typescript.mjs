// Runs TypeScript: `node --import ./test/kit/typescript.mjs file.ts`. What is compiled is kept for every process and every run: compiling took longer
// than most test files take to run.
import { register } from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
