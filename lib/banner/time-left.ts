import type { Language } from '../messages/language.js'
import { asciiHtml, fill } from './ascii.js'

/** The time left as HTML: right when it was made, and kept right by a script where there is one. */
export function createTimeLeft ({ lang, raw }: Language): (expiresAt: Date, now: number) => string {
  const words = (unit: string) => new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' })
  const days = { seconds: 86_400, words: words('day') }
  // Up to how many seconds a time is told in which unit; views/banner.js does the same.
  const units = [
    { upTo: 60, seconds: 1, words: words('second') },
    { upTo: 7200, seconds: 60, words: words('minute') },
    { upTo: 172_800, seconds: 3600, words: words('hour') }
  ]

  return (expiresAt, now) => {
    const left = Math.max(0, Math.round((expiresAt.getTime() - now) / 1000))
    const unit = units.find(({ upTo }) => left < upTo) ?? days
    const time = asciiHtml(unit.words.format(Math.round(left / unit.seconds)))
    const forScript = `data-seconds="${left}" data-left="${asciiHtml(raw('banner.timeLeft'))}" data-up="${asciiHtml(raw('banner.timeUp'))}"`
    return `<time datetime="${expiresAt.toISOString()}" ${forScript}>${fill(raw('banner.timeLeft'), { time })}</time>`
  }
}
