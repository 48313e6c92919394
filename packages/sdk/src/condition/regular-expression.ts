import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js'
import { anchorsOf, type Side } from './anchors.js'
import type { PatternOperand } from './expression.js'
import { type Group, type Piece, type RegularExpressionProblem, translate } from './js-pattern.js'
import { occursIn, printPattern, re2Text, scanPattern } from './pattern.js'

/** A JavaScript regular expression as GitLab will read it. */
export interface RegularExpression {
  /** The text for the rules, in which named groups have become plain groups. */
  readonly pattern: PatternOperand
  /** RE2 in which the group `version` is the only one that captures; `undefined` if there is no such group. */
  readonly versionPattern: string | undefined
  /** GitLab's `=~` reads an unset variable as empty text, so such an expression matches where nothing is. */
  readonly matchesNothing: boolean
  readonly problems: readonly RegularExpressionProblem[]
  /** The ends of a tag that every match reaches. */
  readonly anchors: readonly Side[]
}

/**
 * Translates a JavaScript regular expression to RE2 and says what cannot be.
 *
 * Kept as they are: `i`, `m`, `s`. Dropped, because they do not change whether a text matches: `g` and `d`; and
 * `u` and `v`, for RE2 always reads characters, not halves of them. Refused: `y`, which RE2 writes `^`.
 * `\s` is RE2's (ASCII, without the vertical tab); `.`, `^` and `$` know the line feed as the only end of a line.
 *
 * @example
 * regularExpression(/^v(?<version>\d+\.\d+)$/).pattern.source // '^v\\d+\\.\\d+$'
 * regularExpression(/^v(?<version>\d+\.\d+)$/).versionPattern // '^v(\\d+\\.\\d+)$'
 */
export function regularExpression(re: RegExp): RegularExpression {
  const { pieces, problems } = translate(re)
  const flags = [...'ims'].filter((flag) => re.flags.includes(flag)).join('')
  const versions = groupsIn(pieces).filter((group) => group.name === 'version').length
  const pattern: PatternOperand = { kind: 'pattern', source: writable(render(pieces, forRules), flags), flags }
  const found = [...problems, ...flagProblems(re), ...versionProblems(re, versions)]
  return {
    pattern,
    versionPattern: versions === 0 ? undefined : re2Text({ source: render(pieces, forVersion), flags }),
    matchesNothing: occursIn(pattern, '') ?? false,
    anchors: anchorsOf(pieces),
    problems: found.length > 0 ? found : re2Problems(re, pattern),
  }
}

/** The regular expression as it stands in the YAML: `/^v(?<version>\d+)$/` becomes `/^v\d+$/`. */
export const gitlabText = (re: RegExp): string => printPattern(regularExpression(re).pattern)

/** The version in a tag, by a `versionPattern`; `undefined` if the tag does not match or its version is empty. */
export function versionOf(pattern: string, tag: string): string | undefined {
  const version: unknown = RE2JS.compile(pattern).exec(tag)?.[1]
  return typeof version === 'string' && version !== '' ? version : undefined
}

type RenderGroup = (group: Group, body: string) => string

const render = (pieces: readonly Piece[], group: RenderGroup): string =>
  pieces.map((piece) => (typeof piece === 'string' ? piece : group(piece, render(piece.body, group)))).join('')

const forRules: RenderGroup = (group, body) => {
  if (group.name === undefined) return `${group.opening}${body})`
  return group.alternatives || group.quantified ? `(?:${body})` : body
}

const forVersion: RenderGroup = (group, body) => {
  if (group.opening !== '(') return `${group.opening}${body})`
  return group.name === 'version' ? `(${body})` : `(?:${body})`
}

// GitLab takes no pattern of a single character and none that ends in a backslash. Since matching is not anchored,
// one or more of a character is the same as one of it.
function writable(source: string, flags: string): string {
  const printed = printPattern({ kind: 'pattern', source, flags })
  if (scanPattern(printed, 0) === printed) return source
  return source.length === 1 && source !== '^' && source !== '$' ? `${source}+` : `(?:${source})`
}

const groupsIn = (pieces: readonly Piece[]): readonly Group[] =>
  pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece, ...groupsIn(piece.body)]))

const flagProblems = (re: RegExp): readonly RegularExpressionProblem[] =>
  re.sticky ? [{ code: 'regex/flag', message: 'RE2 has no flag y: begin the expression with ^', in: re.source, at: 0 }] : []

const versionProblems = (re: RegExp, versions: number): readonly RegularExpressionProblem[] =>
  versions < 2
    ? []
    : [
        {
          code: 'regex/two-versions',
          message: 'only one group can have the name version',
          in: re.source,
          at: re.source.lastIndexOf('(?<version>'),
        },
      ]

function re2Problems(re: RegExp, pattern: PatternOperand): readonly RegularExpressionProblem[] {
  try {
    RE2JS.compile(re2Text(pattern))
    return []
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const part = error instanceof RE2JSSyntaxException ? (error.getPattern() ?? '') : ''
    return [
      {
        code: 'regex/not-re2',
        message: `RE2 does not accept this: ${error.message}`,
        in: re.source,
        at: Math.max(0, re.source.indexOf(part)),
      },
    ]
  }
}
