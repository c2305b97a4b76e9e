import { closest } from 'fastest-levenshtein'
import { isObject } from '../is.js'
import { english, type Message } from '../messages/en.js'
import * as is from './checks.js'

const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other']
const ENGLISH = new Map<string, Message>(Object.entries(english))

/** Whether texts of one's own are texts, have names that there are, and are filled in with what there is. */
export function checkMessages (option: string, value: unknown): void {
  if (!isObject(value)) is.refuse(option, 'an object of texts by their names', value)
  for (const [key, message] of Object.entries(value)) {
    const name = `${option}.${key}`
    const original = ENGLISH.get(key)
    if (original === undefined && !key.startsWith('field.')) {
      const nearest = closest(key, [...ENGLISH.keys()])
      is.refuse(name, `nothing, as there is no such text; did you mean "${nearest}"?`, message)
    }
    if (message !== undefined) checkMessage(name, message, original ?? '')
  }
}

function checkMessage (name: string, message: unknown, original: Message): void {
  const mayBePlural = typeof original === 'object'
  if (typeof message !== 'string' && !(mayBePlural && isPlural(message))) {
    const forms = ', or one for each plural form, such as { one: "…", other: "…" }'
    is.refuse(name, `a text${mayBePlural ? forms : ''}`, message)
  }
  if (name.endsWith('.lang')) checkLanguage(name, message)
  if (name.endsWith('.dir')) is.oneOf('ltr', 'rtl')(name, message)
  const known = textsOf(original).flatMap(placeholders)
  const unknown = textsOf(message).flatMap(placeholders).find(placeholder => !known.includes(placeholder))
  if (unknown === undefined) return
  const takes = known.length === 0 ? 'a text without braces' : `a text with ${[...new Set(known)].join(', ')}`
  is.refuse(name, takes, unknown)
}

function checkLanguage (name: string, tag: unknown): void {
  try {
    Intl.getCanonicalLocales(String(tag))
  } catch {
    is.refuse(name, 'a language tag such as "en" or "pt-BR"', tag)
  }
}

function isPlural (message: unknown): boolean {
  return isObject(message) && typeof Reflect.get(message, 'other') === 'string' &&
    Object.entries(message).every(([category, text]) => CATEGORIES.includes(category) && typeof text === 'string')
}

function textsOf (message: unknown): string[] {
  return typeof message === 'string' ? [message] : Object.values(Object(message)).map(String)
}

function placeholders (text: string): string[] {
  return text.match(/\{\w+\}/g) ?? []
}
