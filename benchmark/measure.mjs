import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export function median (values) {
  return quantile(values, 0.5)
}

export function quantile (values, share) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** Milliseconds that something takes, so many times, after it has been done a few times. */
export async function timed (times, work, warmUp = Math.ceil(times / 5)) {
  for (let time = 0; time < warmUp; time++) await work(time)
  const taken = []
  for (let time = 0; time < times; time++) {
    const started = performance.now()
    await work(time)
    taken.push(performance.now() - started)
  }
  return taken
}

/** What each side can do in a second, in rounds that change who comes first; the ratios are of one round each. */
export async function alternate (rounds, ...sides) {
  const rates = sides.map(() => [])
  for (let round = 0; round < rounds; round++) {
    const order = sides.map((side, index) => index)
    if (round % 2 === 1) order.reverse()
    for (const index of order) rates[index].push(await sides[index]())
  }
  return { rates: rates.map(median), ratioTo: (one, other) => rates[one].map((rate, round) => rate / rates[other][round]) }
}

/** A process of this folder that says `{ … }` once it is ready and answers each line it is told with one. */
export async function startProcess (command, file, args = [], { flags = [] } = {}) {
  const child = spawn(command, [...flags, fileURLToPath(new URL(file, import.meta.url)), ...args.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${file} ended before it answered`)
    return JSON.parse(value)
  }
  return {
    ready: await next(),
    async ask (question) {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      return await next()
    },
    async end () {
      if (child.exitCode !== null) return
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.stdin.end()
      await ended
    }
  }
}

/** Answers the lines on standard input, one after the other, until it ends. */
export async function answerLines (ready, answer) {
  console.log(JSON.stringify(ready))
  for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(JSON.parse(line))))
  process.exit(0)
}

/** A folder that is gone afterwards. */
export async function inFolder (work) {
  const folder = mkdtempSync(join(tmpdir(), 'fastify-impersonate-bench-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const round = (value, digits = 2) => Number(value.toFixed(digits))
export const ms = value => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
export const times = ratios => `${round(median(ratios))} × (${round(quantile(ratios, 0.1))} to ${round(quantile(ratios, 0.9))})`
