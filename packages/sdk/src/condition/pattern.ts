import { RE2JS } from 're2js'
import type { PatternOperand } from './expression.js'

// GitLab's lexer takes for a pattern: at least two characters, the last of them no backslash. So `/./` is
// no pattern, and neither is `/\\/`. Stated here as GitLab scans it, greedily and with backtracking.
const literal = /\/(?:[^/]|\\\/)+[^\\]\/[ismU]*/y

// GitLab takes this for a pattern in the value of a variable, where one character is enough.
const inValue = /^\/([^\n]*)\/([ismU]*)$/m

/** The pattern literal that starts at an offset of a text, as far as GitLab would read it. */
export function scanPattern(input: string, at: number): string | undefined {
  literal.lastIndex = at
  return literal.exec(input)?.[0]
}

/** A pattern as GitLab reads it: `/…/flags`, each `/` of its source escaped. */
export const printPattern = (pattern: PatternOperand): string => `/${pattern.source.replaceAll('/', '\\/')}/${pattern.flags}`

/** The pattern that a text (a literal, or the value of a variable) spells, if it spells one. */
export function readPattern(input: string): PatternOperand | undefined {
  const [, source, flags] = inValue.exec(input.replaceAll('\\/', '/')) ?? []
  return source === undefined || flags === undefined ? undefined : { kind: 'pattern', source, flags }
}

/** The pattern in RE2's own notation: the flags in front. */
export const re2Text = (pattern: Pick<PatternOperand, 'source' | 'flags'>): string =>
  pattern.flags === '' ? pattern.source : `(?${pattern.flags})${pattern.source}`

/** Whether the pattern occurs anywhere in the text; `undefined` if it is not RE2. */
export const occursIn = (pattern: PatternOperand, input: string): boolean | undefined => compile(pattern)?.test(input)

export const isRe2 = (pattern: PatternOperand): boolean => compile(pattern) !== undefined

// Rules are evaluated for many events, and compiling is the dear part.
const compiled = new Map<string, RE2JS | undefined>()

function compile(pattern: PatternOperand): RE2JS | undefined {
  const key = re2Text(pattern)
  if (!compiled.has(key)) {
    try {
      compiled.set(key, RE2JS.compile(key))
    } catch {
      compiled.set(key, undefined)
    }
  }
  return compiled.get(key)
}
