import { type Row, rowsOf } from '../gitlab/parallel.js'
import type { KindGraph, KindJob } from './kinds.js'
import { visibleValues } from './visible.js'
import type { ExistenceClause } from './ways.js'

/** A variable in a text, in any of GitLab's forms; a doubled sign escapes it. @see lib/expand_variables.rb of GitLab */
const reference = /\$\$|%%|\$(\w+)|\$\{(\w+)\}|%(\w+)%/g

/** Limits for a variable that refers to itself, and for one that multiplies in each round. The rest stays unknown. */
const mostRounds = 10
const longestText = 10_000

/** The possible values of a text: one for each way in which the job exists, and for each row of its matrix. Unknown variables stay. */
export function expansionsOf(text: string, job: KindJob, graph: Pick<KindGraph, 'variables'>): readonly string[] {
  const found = job.ways.flatMap((way) => rowsOf(job.document['parallel']).map((row) => expanded(text, valuesOf(job, graph, way, row))))
  return [...new Set(found)]
}

type Values = ReadonlyMap<string | undefined, string | null>

/** The values that the YAML gives: those of a matrix override the job's own, and those of the rule override all others. */
function valuesOf({ document }: KindJob, graph: Pick<KindGraph, 'variables'>, way: ExistenceClause, row: Row): Values {
  return new Map([...Object.entries(visibleValues(document, graph.variables)), ...row, ...Object.entries(way.variables)])
}

function expanded(text: string, values: Values): string {
  let current = text
  for (let round = 0; round < mostRounds; round += 1) {
    const next = current.replaceAll(
      reference,
      (whole, ...[bare, braced, percent]: (string | undefined)[]) => values.get(bare ?? braced ?? percent) ?? whole,
    )
    if (next.length > longestText) return current
    current = next
  }
  return current
}

/** A piece of a text: itself, or any number of characters of a class. */
type Piece = string | RegExp

const anything = /./s

/** The characters that GitLab's own variables consist of. @see https://docs.gitlab.com/ci/variables/predefined_variables/ */
const classes: readonly (readonly [name: RegExp, characters: RegExp])[] = [
  [/^CI_(?:COMMIT_REF|ENVIRONMENT|JOB_NAME|PROJECT_PATH|PROJECT_NAMESPACE|PROJECT_ROOT_NAMESPACE)_SLUG$/, /[a-z0-9-]/],
  [/^CI_(?:PIPELINE_I?ID|JOB_ID|PROJECT_ID|MERGE_REQUEST_I?ID|NODE_(?:INDEX|TOTAL)|CONCURRENT(?:_PROJECT)?_ID)$/, /\d/],
  [/^CI_COMMIT_(?:BEFORE_|SHORT_)?SHA$/, /[0-9a-f]/],
]

/** Addresses of this GitLab, which cannot be anybody else's audience or folder. */
const ownAddresses =
  /^CI_(?:SERVER_(?:URL|HOST|FQDN)|API_(?:V4|GRAPHQL)_URL|(?:PROJECT|PIPELINE|JOB|PAGES|REPOSITORY)_URL|REGISTRY(?:_IMAGE)?)$/

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const match of text.matchAll(/\$\[\[.*?\]\]|\$\$|%%|\$(\w+)|\$\{(\w+)\}|%(\w+)%/gs)) {
    const [whole, bare, braced, percent] = match
    pieces.push(text.slice(end, match.index), pieceOf(whole, bare ?? braced ?? percent))
    end = match.index + whole.length
  }
  return [...pieces, text.slice(end)]
}

function pieceOf(whole: string, name: string | undefined): Piece {
  if (name === undefined) return whole.startsWith('$[[') ? anything : whole
  if (ownAddresses.test(name)) return `$${name}`
  return classes.find(([pattern]) => pattern.test(name))?.[1] ?? anything
}

/** Whether a text may begin with the other one, for some values of the variables in it. */
export function canBegin(text: string, start: string): boolean {
  return reached(text, start, true)
}

/** Whether a text may equal the other one, for some values of the variables in it. An unset variable is empty. */
export function canBe(text: string, wanted: string): boolean {
  return reached(text, wanted, false)
}

/** Tries every way to match `wanted` piece by piece. */
function reached(text: string, wanted: string, isPrefix: boolean): boolean {
  let places: ReadonlySet<number> = new Set([0])
  for (const piece of piecesOf(text)) {
    const next = new Set<number>()
    for (const place of places) for (const after of afterPiece(piece, place, wanted, isPrefix)) next.add(after)
    places = next
  }
  return places.has(wanted.length)
}

function afterPiece(piece: Piece, place: number, wanted: string, isPrefix: boolean): readonly number[] {
  const rest = wanted.slice(place)
  if (typeof piece === 'string') {
    if (rest.startsWith(piece)) return [place + piece.length]
    return isPrefix && piece.startsWith(rest) ? [wanted.length] : []
  }
  const length = [...rest].findIndex((character) => !piece.test(character))
  const most = length === -1 ? rest.length : length
  return Array.from({ length: most + 1 }, (_, count) => place + count)
}
