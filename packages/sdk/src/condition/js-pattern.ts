/** A part of a JavaScript regular expression that RE2 does not have: `at` is an offset into `in`. */
export interface RegularExpressionProblem {
  readonly code:
    | 'regex/lookaround'
    | 'regex/backreference'
    | 'regex/flag'
    | 'regex/escape'
    | 'regex/set-notation'
    | 'regex/two-versions'
    | 'regex/not-re2'
  readonly message: string
  /** The expression as the author wrote it, without its slashes. */
  readonly in: string
  readonly at: number
}

/** RE2 text, with the groups still to be written one way or another. */
export type Piece = string | Group

export interface Group {
  /** `(` captures; otherwise `(?:` or `(?i:` as written. */
  readonly opening: '(' | `(?${string}:`
  readonly name: string | undefined
  readonly body: readonly Piece[]
  /** There is a `|` in the body that belongs to no inner group. */
  readonly alternatives: boolean
  /** `*`, `+`, `?` or `{…}` follows. */
  readonly quantified: boolean
}

/** Translates the source of a JavaScript regular expression to RE2, piece by piece, and notes what has no translation. */
export function translate(re: RegExp): { readonly pieces: readonly Piece[]; readonly problems: readonly RegularExpressionProblem[] } {
  const translator = new Translator(re)
  const { pieces } = translator.body()
  return { pieces, problems: translator.problems }
}

class Translator {
  readonly problems: RegularExpressionProblem[] = []
  readonly #source: string
  readonly #unicode: boolean
  readonly #sets: boolean
  #at = 0

  constructor(re: RegExp) {
    this.#source = re.source
    this.#unicode = re.unicode || re.flags.includes('v')
    this.#sets = re.flags.includes('v')
  }

  body(): { readonly pieces: readonly Piece[]; readonly alternatives: boolean } {
    const pieces: Piece[] = []
    let alternatives = false
    while (this.#at < this.#source.length && this.#here() !== ')') {
      if (this.#here() === '|') alternatives = true
      pieces.push(this.#piece())
    }
    return { pieces, alternatives }
  }

  #piece(): Piece {
    switch (this.#here()) {
      case '(':
        return this.#group()
      case '[':
        return this.#class()
      case '\\':
        return this.#escape(false)
      case '{':
        return this.#take(quantifier) ?? this.#literalBrace()
      default:
        return this.#take(/./suy) ?? ''
    }
  }

  // Escaped, so that a group written after it without its parentheses cannot make a quantifier of it.
  #literalBrace(): string {
    this.#at += 1
    return '\\{'
  }

  #group(): Group {
    const at = this.#at
    if (this.#take(/\(\?<?[=!]/y) !== undefined) {
      this.#problem(
        'regex/lookaround',
        at,
        'RE2 has no lookahead and no lookbehind: describe the whole text, or combine two conditions with and() and not()',
      )
      return this.#close('(?:', undefined)
    }
    const name = this.#match(/\(\?<([^>]+)>/y)?.[1]
    if (name !== undefined) return this.#close('(', name)
    const modifiers = this.#match(/\(\?([a-z-]*):/y)?.[1]
    if (modifiers !== undefined) return this.#close(`(?${modifiers}:`, undefined)
    this.#at += 1
    return this.#close('(', undefined)
  }

  #close(opening: Group['opening'], name: string | undefined): Group {
    const { pieces, alternatives } = this.body()
    this.#at += 1
    const rest = this.#source.slice(this.#at)
    return { opening, name, body: pieces, alternatives, quantified: /^[*+?]/.test(rest) || new RegExp(`^${quantifier.source}`).test(rest) }
  }

  #class(): string {
    if (this.#take(/\[\^\]/y) !== undefined) return '[\\x00-\\x{10FFFF}]'
    if (this.#take(/\[\]/y) !== undefined) return '[^\\x00-\\x{10FFFF}]'
    let text = this.#take(/\[\^?/y) ?? ''
    while (this.#at < this.#source.length && this.#here() !== ']') {
      const at = this.#at
      if (this.#sets && this.#match(/\[|--|&&|\\q/y) !== undefined) {
        this.#problem('regex/set-notation', at, 'RE2 has no nested character classes: write one class')
      } else if (this.#here() === '\\') text += this.#escape(true)
      else if (this.#take(/\[/y) !== undefined)
        text += '\\[' // `[:alpha:]` would be a class of its own
      else text += this.#take(/./suy) ?? ''
    }
    this.#at += 1
    return `${text}]`
  }

  #escape(inClass: boolean): string {
    const at = this.#at
    if (!inClass && this.#take(/\\(?:[1-9]\d*|k<[^>]*>)/y) !== undefined) {
      this.#problem('regex/backreference', at, 'RE2 has no backreferences: spell the text out')
      return ''
    }
    if (this.#take(/\\[0-7]{2,}|\\[1-7]/y) !== undefined) {
      this.#problem('regex/escape', at, 'JavaScript and RE2 read an octal escape differently: write \\xHH')
      return ''
    }
    if (this.#take(/\\0/y) !== undefined) return '\\x00'
    if (inClass && this.#take(/\\b/y) !== undefined) return '\\x08'

    const control = this.#match(/\\c([A-Za-z])/y)?.[1]
    if (control !== undefined) return hex(control.charCodeAt(0) % 32)
    if (this.#match(/\\(?=c)/y) !== undefined) return '\\\\' // \c without a letter is a backslash and a c
    const code = this.#codePoint()
    if (code !== undefined) {
      if (code >= 0xd800 && code <= 0xdfff) this.#problem('regex/escape', at, 'RE2 does not accept half a surrogate pair')
      return hex(code)
    }

    const same = this.#take(/\\(?:[dDwWsSbBtnvfr]|x[\da-fA-F]{2})/y)
    if (same !== undefined) return same
    const property = this.#unicode ? this.#take(/\\[pP]\{[^}]*\}/y) : undefined
    if (property !== undefined) return property
    // Any other escaped character is itself. RE2 gives letters a meaning of their own, so they lose the backslash.
    this.#at += 1
    const character = this.#take(/./suy) ?? ''
    return /[!-.:-@[-^`{-~]/.test(character) ? `\\${character}` : character
  }

  #codePoint(): number | undefined {
    const pair = this.#match(/\\u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})/y)
    if (pair?.[1] !== undefined && pair[2] !== undefined) {
      return 0x10000 + (Number.parseInt(pair[1], 16) - 0xd800) * 0x400 + (Number.parseInt(pair[2], 16) - 0xdc00)
    }
    const digits = this.#match(/\\u([\da-fA-F]{4})/y)?.[1] ?? (this.#unicode ? this.#match(/\\u\{([\da-fA-F]+)\}/y)?.[1] : undefined)
    return digits === undefined ? undefined : Number.parseInt(digits, 16)
  }

  #here(): string {
    return this.#source.charAt(this.#at)
  }

  #match(sticky: RegExp): RegExpExecArray | undefined {
    sticky.lastIndex = this.#at
    const found = sticky.exec(this.#source)
    if (found === null) return undefined
    this.#at += found[0].length
    return found
  }

  #take(sticky: RegExp): string | undefined {
    return this.#match(sticky)?.[0]
  }

  #problem(code: RegularExpressionProblem['code'], at: number, message: string): void {
    this.problems.push({ code, message, in: this.#source, at })
  }
}

const quantifier = /\{\d+(?:,\d*)?\}/y

const hex = (code: number): string => (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\x{${code.toString(16)}}`)
