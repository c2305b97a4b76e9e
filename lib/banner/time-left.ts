import { asciiHtml, fill } from './ascii.js'
import { texts } from './texts.js'

const words = (unit: string) => new Intl.NumberFormat(texts.lang, { style: 'unit', unit, unitDisplay: 'long' })
const DAYS = { seconds: 86_400, words: words('day') }

/** Up to how many seconds a time is told in which unit; views/banner.js does the same. */
const UNITS = [
  { upTo: 60, seconds: 1, words: words('second') },
  { upTo: 7200, seconds: 60, words: words('minute') },
  { upTo: 172_800, seconds: 3600, words: words('hour') }
]

/** The time left as HTML: right when it was made, and kept right by a script where there is one. */
export function timeLeft (expiresAt: Date, now: number): string {
  const left = Math.max(0, Math.round((expiresAt.getTime() - now) / 1000))
  const unit = UNITS.find(({ upTo }) => left < upTo) ?? DAYS
  const time = asciiHtml(unit.words.format(Math.round(left / unit.seconds)))
  const forScript = `data-seconds="${left}" data-left="${asciiHtml(texts['banner.timeLeft'])}" data-up="${asciiHtml(texts['banner.timeUp'])}"`
  return `<time datetime="${expiresAt.toISOString()}" ${forScript}>${fill(texts['banner.timeLeft'], 'time', time)}</time>`
}
