import { Lexer } from 'yaml'

// libyaml, the parser that GitLab uses, requires no indent inside brackets and quotes, and accepts any colon there.
const plainScalar = '\x1f'
const brokenFlow = '\x18'
/** Limits for lines to indent and characters to scan. Real files have a few such lines. */
const mostLines = 100
const mostRead = 4 * 1024 * 1024

/**
 * Indents the lines in brackets and in quotes as our parser requires; white space has no meaning there. A text with too many such lines
 * stays.
 */
export function indented(text: string): string {
  let [fixed, start, read] = [text, 0, 0]
  for (let count = 0; count < mostLines && read < mostRead; count += 1) {
    read += fixed.length - start
    const at = underIndented(fixed, start)
    if (at === undefined) return fixed
    fixed = `${fixed.slice(0, at.line)}${' '.repeat(at.missing)}${fixed.slice(at.line)}`
    start = at.entry
  }
  return text
}

interface Underindented {
  /** The offset of the line. */
  readonly line: number
  readonly missing: number
}

/** The first line in quotes or brackets that the lexer takes for their end, and the entry of the file that contains it. */
function underIndented(text: string, start: number): (Underindented & { readonly entry: number }) | undefined {
  let [offset, entry, opened, flow, isPlain] = [start, start, start, 0, false]
  const found = (line: Underindented | undefined) => (line === undefined ? undefined : { ...line, entry })
  for (const lexeme of new Lexer().lex(text.slice(start))) {
    if (lexeme === brokenFlow) return found(lineAt(text, offset, opened))
    if (!isMark(lexeme) && flow === 0 && /\S/.test(lexeme) && (offset === 0 || text[offset - 1] === '\n')) entry = offset
    if (isPlain) isPlain = false
    else if (lexeme === plainScalar) isPlain = true
    else if (lexeme === '[' || lexeme === '{') {
      if (flow === 0) opened = offset
      flow += 1
    } else if (lexeme === ']' || lexeme === '}') flow -= 1
    else if (/^["']/.test(lexeme)) {
      const end = closing(text, offset)
      if (end !== undefined && end >= offset + lexeme.length) return found(lineAt(text, offset + lexeme.length, offset))
    }
    if (!isMark(lexeme)) offset += lexeme.length
  }
  return undefined
}

/** A mark that the lexer adds, and that is not in the text. */
const isMark = (lexeme: string): boolean => lexeme.length === 1 && /[\x02\x18\x1f]/.test(lexeme)

/** The next line at or after an offset whose indent is too small for what began at `opened`. */
function lineAt(text: string, offset: number, opened: number): Underindented | undefined {
  const before = text.lastIndexOf('\n', offset)
  const isIndent = text.slice(before + 1, offset).trim() === ''
  const line = isIndent ? before + 1 : text.indexOf('\n', offset) + 1
  const own = /^ */.exec(text.slice(line, line + 1_000))?.[0].length ?? 0
  const column = opened - (text.lastIndexOf('\n', opened) + 1) + 1
  return line === 0 || own >= column ? undefined : { line, missing: column - own }
}

/** The offset of the quote that ends the text starting at an offset. */
function closing(text: string, start: number): number | undefined {
  const end = text.startsWith("'", start) ? /'[^']*(?:''[^']*)*'/y : /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y
  end.lastIndex = start
  const found = end.exec(text)
  return found === null ? undefined : start + found[0].length - 1
}

/** The offset of a colon in brackets that libyaml cannot read: before a text, or right before a bracket or a comma. */
export function unreadableColon(text: string): number | undefined {
  if (!/[[{,:]\s*:|:[,?[\]{}]/.test(text)) return undefined
  let [offset, flow, isPlain, afterPlain] = [0, 0, false, false]
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === plainScalar) isPlain = true
    if (isMark(lexeme)) continue
    if (flow > 0 && isPlain && lexeme.startsWith(':')) return offset
    if (flow > 0 && afterPlain && lexeme === ':' && /[,?[\]{}]/.test(text.charAt(offset + 1))) return offset
    if (!isPlain && (lexeme === '[' || lexeme === '{')) flow += 1
    if (!isPlain && (lexeme === ']' || lexeme === '}')) flow -= 1
    afterPlain = isPlain
    isPlain = false
    offset += lexeme.length
  }
  return undefined
}
