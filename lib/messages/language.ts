import { english, type Message } from './en.js'

/** The name of a text; a search field of the application's own has one too. */
export type MessageKey = keyof typeof english | `field.${string}`

/** The texts of all pages. */
export type Messages = Record<keyof typeof english, Message> & Partial<Record<`field.${string}`, Message>>

/** What fills the braces of a text; `count` also chooses its plural form. */
export type Values = Readonly<Record<string, string | number>>

/** A language: its texts and how it writes dates and numbers. Handed to every template. */
export interface Language {
  lang: string
  dir: string
  /** The text of this name. @throws TypeError where there is none */
  t (key: MessageKey, values?: Values): string
  /** The text of this name with its braces, for HTML of the banner's own; not of one that has plural forms. */
  raw (key: keyof typeof english): string
  /** Whether there is a text of this name. */
  has (key: string): key is MessageKey
  /** What people call a search field. */
  fieldName (field: string): string
  format: {
    /** `5 minutes ago`, `in 2 hours`; a date where that is longer ago than a month. */
    ago (time: string | Date): string
    /** Day and time to the second, in UTC. */
    exact (time: string | Date): string
    /** Seconds in words. */
    duration (seconds: number): string
    number (value: number): string
    /** `a, b or c` */
    either (words: readonly string[]): string
  }
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/
const STEPS = [['second', 60], ['minute', 60], ['hour', 24], ['day', 30]] as const

/**
 * A language from its texts. Text of the other direction is isolated, so that a name cannot reorder the sentence.
 */
export function createLanguage (messages: Partial<Messages>, now: () => number = Date.now): Language {
  const texts = new Map<string, Message>(Object.entries(english))
  for (const [key, message] of Object.entries(messages)) if (message !== undefined) texts.set(key, message)
  const [lang, dir] = [String(texts.get('lang')), String(texts.get('dir'))]
  const plural = new Intl.PluralRules(lang)
  const number = new Intl.NumberFormat(lang)
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' })
  const day = new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeZone: 'UTC' })
  const exact = new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeStyle: 'long', timeZone: 'UTC' })
  const either = new Intl.ListFormat(lang, { type: 'disjunction' })
  const parts = new Intl.ListFormat(lang, { type: 'unit', style: 'narrow' })

  function shown (value: string | number): string {
    if (typeof value === 'number') return number.format(value)
    return RIGHT_TO_LEFT.test(value) === (dir === 'rtl') ? value : `\u2068${value}\u2069`
  }

  return {
    lang,
    dir,

    t (key, values = {}) {
      const message = texts.get(key)
      if (message === undefined) throw new TypeError(`There is no message "${key}"`)
      const text = typeof message === 'string' ? message : message[plural.select(Number(values['count']))] ?? message.other
      return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] === undefined ? whole : shown(values[name]))
    },

    raw: key => String(texts.get(key)),

    has: (key): key is MessageKey => texts.has(key),

    fieldName (field) {
      const message = texts.get(`field.${field}`)
      if (typeof message === 'string') return message
      const words = field.replaceAll('_', ' ').replace(/(?<=[a-z\d])[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
      return words.charAt(0).toUpperCase() + words.slice(1)
    },

    format: {
      ago (time) {
        let amount = (new Date(time).getTime() - now()) / 1000
        for (const [unit, most] of STEPS) {
          if (Math.abs(Math.round(amount)) < most) return relative.format(Math.round(amount), unit)
          amount /= most
        }
        return day.format(new Date(time))
      },
      exact: time => exact.format(new Date(time)),
      duration (seconds) {
        const units = [
          ['day', Math.floor(seconds / 86400)],
          ['hour', Math.floor(seconds / 3600) % 24],
          ['minute', Math.floor(seconds / 60) % 60],
          ['second', seconds % 60]
        ] as const
        const first = Math.max(0, units.findIndex(([, amount]) => amount > 0))
        const told = seconds === 0 ? units.slice(3) : units.slice(first, first + 2).filter(([, amount]) => amount > 0)
        const words = told
          .map(([unit, amount]) => new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'short' }).format(amount))
        return parts.format(words)
      },
      number: value => number.format(value),
      either: words => either.format(words)
    }
  }
}
