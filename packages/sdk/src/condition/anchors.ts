import type { Piece } from './js-pattern.js'

/** An end of a text that an expression is matched against. */
export type Side = 'start' | 'end'

/**
 * The ends of a text without line breaks that every match reaches: by `^` and `$`, and by a greedy `.*` or `.+`, with which an author says
 * that anything may stand there.
 */
export function anchorsOf(pieces: readonly Piece[]): readonly Side[] {
  return (['start', 'end'] as const).filter((side) => reaches(pieces, side))
}

function reaches(pieces: readonly Piece[], side: Side): boolean {
  return alternatives(pieces).every((parts) => hasAnchor(parts, side) || takesRest(parts, side))
}

/** An anchor that it cannot do without, wherever it stands: nothing can be matched before a `^`. */
function hasAnchor(parts: readonly Piece[], side: Side): boolean {
  return parts.some((part, index) => {
    if (isOptional(parts[index + 1])) return false
    if (typeof part === 'string') return part === (side === 'start' ? '^' : '$')
    return alternatives(part.body).every((body) => hasAnchor(body, side))
  })
}

/** `.+` at this end, also in a group that stands there. */
function takesRest(parts: readonly Piece[], side: Side): boolean {
  const [edge, next] = side === 'start' ? parts : [parts.at(-1)]
  if (typeof edge === 'object') return !edge.quantified && reaches(edge.body, side)
  const [any, many] = side === 'start' ? [edge, next] : [parts.at(-2), edge]
  return any === '.' && (many === '*' || many === '+')
}

function isOptional(following: Piece | undefined): boolean {
  return typeof following === 'string' && /^(?:[*?]|\{0)/.test(following)
}

function alternatives(pieces: readonly Piece[]): readonly (readonly Piece[])[] {
  const found: Piece[][] = [[]]
  for (const piece of pieces) {
    if (piece === '|') found.push([])
    else found.at(-1)?.push(piece)
  }
  return found
}
