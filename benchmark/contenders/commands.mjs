import { answerLines } from '../measure.mjs'

/** Does what it is told, so many times, so many at once, and answers with the seconds it took. */
export async function answerCommands (works) {
  await answerLines({}, async ({ do: name, times, width }) => {
    const started = performance.now()
    await Promise.all(Array.from({ length: width }, async (unused, lane) => {
      for (let time = lane; time < times; time += width) await works[name](lane)
    }))
    return { seconds: (performance.now() - started) / 1000 }
  })
}
