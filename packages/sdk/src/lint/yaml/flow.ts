import { Lexer } from 'yaml'

// The parser that GitLab uses, libyaml, asks for no indent between brackets and quotes, and reads each colon there as one.
const plainScalar = '\x1f'
const brokenFlow = '\x18'
/** Lines that are indented for the parser; real files have a few. */
const mostLines = 200

/** Indents the lines in brackets and in quotes as the parser wants it: white space means nothing there. */
export function indented(text: string): string {
  let fixed = text
  for (let count = 0; count < mostLines; count += 1) {
    const at = underIndented(fixed)
    if (at === undefined) return fixed
    fixed = `${fixed.slice(0, at.line)}${' '.repeat(at.missing)}${fixed.slice(at.line)}`
  }
  return fixed
}

interface Underindented {
  /** The offset of the line. */
  readonly line: number
  readonly missing: number
}

/** The first line in quotes or brackets that the lexer takes for the end of them. */
function underIndented(text: string): Underindented | undefined {
  let [offset, opened, flow, isPlain] = [0, 0, 0, false]
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === brokenFlow) return lineAt(text, offset, opened)
    if (isPlain) isPlain = false
    else if (lexeme === plainScalar) {
      isPlain = true
      continue
    } else if (lexeme === '[' || lexeme === '{') {
      if (flow === 0) opened = offset
      flow += 1
    } else if (lexeme === ']' || lexeme === '}') flow -= 1
    else if (/^["']/.test(lexeme)) {
      const end = closing(text, offset)
      if (end !== undefined && end >= offset + lexeme.length) return lineAt(text, offset + lexeme.length, offset)
    }
    if (lexeme !== '\x02' && lexeme !== '\u{FEFF}') offset += lexeme.length
  }
  return undefined
}

/** The next line at or after an offset that is there with too little indent for what began at `opened`. */
function lineAt(text: string, offset: number, opened: number): Underindented | undefined {
  const before = text.lastIndexOf('\n', offset)
  const isIndent = text.slice(before + 1, offset).trim() === ''
  const line = isIndent ? before + 1 : text.indexOf('\n', offset) + 1
  const own = /^ */.exec(text.slice(line, line + 1_000))?.[0].length ?? 0
  const column = opened - (text.lastIndexOf('\n', opened) + 1) + 1
  return line === 0 || own >= column ? undefined : { line, missing: column - own }
}

/** The offset of the quote that ends the text which begins at an offset. */
function closing(text: string, start: number): number | undefined {
  const end = text.startsWith("'", start) ? /'(?:[^']|'')*'/y : /"(?:[^"\\]|\\[\s\S])*"/y
  end.lastIndex = start
  const found = end.exec(text)
  return found === null ? undefined : start + found[0].length - 1
}

/** The offset of a colon in brackets where libyaml cannot read one: before a text, or right before a bracket or a comma. */
export function unreadableColon(text: string): number | undefined {
  if (!/[[{,:]\s*:|:[,?[\]{}]/.test(text)) return undefined
  let [offset, flow, isPlain, afterPlain] = [0, 0, false, false]
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === plainScalar) {
      isPlain = true
      continue
    }
    if (flow > 0 && isPlain && lexeme.startsWith(':')) return offset
    if (flow > 0 && afterPlain && lexeme === ':' && /[,?[\]{}]/.test(text.charAt(offset + 1))) return offset
    if (!isPlain && (lexeme === '[' || lexeme === '{')) flow += 1
    if (!isPlain && (lexeme === ']' || lexeme === '}')) flow -= 1
    afterPlain = isPlain
    isPlain = false
    if (lexeme !== '\x02' && lexeme !== '\u{FEFF}' && lexeme !== brokenFlow) offset += lexeme.length
  }
  return undefined
}
