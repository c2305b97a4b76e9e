/** Where in a tag the next character is. */
type Place = 'name' | 'gap' | 'attribute' | 'behind attribute' | 'value' | 'unquoted' | '"' | "'"

const SPACES = '\t\n\f\r '

/**
 * Finds the `>` that ends a tag, as WHATWG HTML 13.2.5.8 to 13.2.5.40 do. It remembers where in the tag it is, so that
 * each character is looked at once, in however many pieces the tag comes.
 */
export function tagEnd () {
  let place: Place = 'name'
  let name = ''

  /** Where the next character is, behind this one. A `>` outside of quotes never gets here. */
  function after (character: string): Place {
    const isSpace = SPACES.includes(character)
    switch (place) {
      case 'name': return isSpace || character === '/' ? 'gap' : 'name'
      case 'gap': return isSpace || character === '/' ? 'gap' : 'attribute'
      case 'attribute':
      case 'behind attribute':
        if (character === '=') return 'value'
        if (character === '/') return 'gap'
        return isSpace ? 'behind attribute' : 'attribute'
      case 'value':
        if (isSpace) return 'value'
        return character === '"' || character === "'" ? character : 'unquoted'
      case 'unquoted': return isSpace ? 'gap' : 'unquoted'
      // Within quotes only the one that ends them gets here.
      default: return 'gap'
    }
  }

  return {
    end (text: string, from: number): number {
      for (let at = from; at < text.length; at++) {
        if (place === '"' || place === "'") {
          const close = text.indexOf(place, at)
          if (close === -1) return -1
          at = close
        }
        const character = text.charAt(at)
        if (character === '>' && place !== '"' && place !== "'") return at + 1
        const next = after(character)
        if (next === 'name') name += character
        place = next
      }
      return -1
    },

    name: (): string => name.toLowerCase()
  }
}
