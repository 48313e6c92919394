/** Goes through a text once, from token to token. Blanks are spaces, tabs and line feeds, and none of them counts at the end. */
export class Scanner {
  readonly #text: string
  readonly #end: number
  #at = 0

  constructor(text: string) {
    this.#text = text
    let end = text.length
    while (isBlank(text[end - 1])) end--
    this.#end = end
  }

  /** How many characters are left. */
  get left(): number {
    return Math.max(0, this.#end - this.#at)
  }

  skipBlanks(): this {
    while (isBlank(this.#text[this.#at])) this.#at++
    return this
  }

  /** The match of a pattern with the flag `y` here. */
  taken(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    this.#at += found?.length ?? 0
    return found
  }

  take(pattern: RegExp): boolean {
    return this.taken(pattern) !== undefined
  }

  /** From here to that, or to the end; a few words of it, for a message. */
  upTo(end: string): string {
    return this.#text.slice(this.#at, this.#at + 100).split(end, 1)[0] ?? ''
  }
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\n'
}
