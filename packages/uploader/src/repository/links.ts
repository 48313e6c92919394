/** One link of a `Link` header. */
export interface Link {
  /** As written: possibly relative. */
  readonly target: string
  /** In lower case. */
  readonly relations: readonly string[]
  /** The context of the link, if it is not the answer itself. */
  readonly anchor: string | undefined
}

// RFC 8288, section 3, with the token and quoted-string of RFC 9110, section 5.6. A list may have empty elements.
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const quoted = '"(?:[\\t\\x20!\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"'
const separator = /[\t ]*(?:,[\t ]*)+|[\t ]*$/y
// The caller that follows the link reads the text between the brackets.
const target = /<([^<>]*)>/y
const parameter = new RegExp(`[\\t ]*;[\\t ]*(?:(${token})[\\t ]*(?:=[\\t ]*(${token}|${quoted}))?)?`, 'y')
// RFC 8288, section 2.1: a registered name, or a URI.
const relation = /^(?:[a-z][a-z0-9.-]*|[a-z][a-z0-9+.-]*:[^\s"<>]+)$/

/** The links of a header; `undefined` if any part of it was not understood. */
export function parseLinks(header: string): readonly Link[] | undefined {
  const links: Link[] = []
  const scan = new Scan(header)
  scan.take(/[\t ,]*/y)
  while (!scan.isOver) {
    const reference = scan.take(target)?.[1]
    if (reference === undefined) return undefined
    const parameters = new Map<string, string>()
    for (let found = scan.take(parameter); found !== undefined; found = scan.take(parameter)) {
      const [, name, value = ''] = found
      // "Occurrences after the first MUST be ignored" (section 3.3).
      if (name !== undefined && !parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), unquoted(value))
    }
    if (scan.take(separator) === undefined) return undefined
    const relations = (parameters.get('rel') ?? '')
      .toLowerCase()
      .split(' ')
      .filter((one) => one !== '')
    if (relations.length === 0 || !relations.every((one) => relation.test(one))) return undefined
    links.push({ target: reference, relations, anchor: parameters.get('anchor') })
  }
  return links
}

/** Reads a text from its beginning to its end. */
class Scan {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isOver(): boolean {
    return this.#at === this.#text.length
  }

  /** `pattern` is sticky. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return undefined
    this.#at = pattern.lastIndex
    return found
  }
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value
}
