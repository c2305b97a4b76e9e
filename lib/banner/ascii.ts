/**
 * A text as HTML that is the same bytes in every charset that has ASCII: all else is a character reference.
 * Control characters have none.
 */
export function asciiHtml (text: string): string {
  return text.replace(/[^\x20-\x7e]|[&<>"']/gu, character => {
    const code = Number(character.codePointAt(0))
    if (code < 0x20) return ' '
    return code >= 0x7f && code < 0xa0 ? '&#65533;' : `&#${code};`
  })
}

/** One of the banner's texts as HTML, its braces filled in with HTML. */
export function fill (text: string, values: Readonly<Record<string, string>>): string {
  return asciiHtml(text).replace(/\{(\w+)\}/g, (braces, name: string) => String(values[name]))
}
