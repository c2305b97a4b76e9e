import { isObject } from '../is.js'
import type { Language } from '../messages/language.js'
import type { BannerOptions } from '../types/index.js'
import * as is from './checks.js'

/** The option `banner`. */
export function checkBanner (name: string, value: unknown): void {
  if (typeof value === 'boolean') return
  if (!isObject(value)) is.refuse(name, 'true, false or an object with position, label, frames, script', value)
  is.fields(name, value, 'a banner', {
    position: is.oneOf('top', 'bottom'), label: is.aName, frames: is.aBoolean, script: is.aBoolean
  })
}

/** How the banner is, also where it is only made for a layout of the application's own. */
export function readBanner (
  { position = 'top', label, frames = true, script = true }: BannerOptions, { raw }: Language
): Required<BannerOptions> {
  return { position, label: label ?? raw('banner.label'), frames, script }
}
