import { Composer, type CST, type Document, Parser } from 'yaml'
import { Refused } from '../finding.js'
import type { Limits } from '../limits.js'
import { type FileParts, isMap, maximumDepth, type Yaml } from '../value.js'
import { construct, tooBig } from './construct.js'
import { type Part, partsOf } from './documents.js'
import { indented, unreadableColon } from './flow.js'
import { nestsDeeperThan } from './nesting.js'
import { checkSize } from './size.js'

/** A document of a file, and the part of the file to which its positions refer. */
export interface Tree extends Part {
  readonly document: Document
}

export interface Loaded extends FileParts {
  readonly trees: { readonly header: Tree | undefined; readonly content: Tree }
  /** The memory that the largest document takes in GitLab. */
  readonly bytes: number
}

/**
 * Reads a file as GitLab does.
 * @throws {Refused} if it is not a configuration
 */
export function loadYaml(text: string, limits: Limits): Loaded {
  if (text.trim() === '') throw new Refused('Y1', 'yaml-empty', 'the file is empty')
  if (Buffer.byteLength(text) > limits.fileBytes)
    throw new Refused('Y3', 'yaml-file-too-big', `the file has more than ${limits.fileBytes} bytes`)
  if (nestsDeeperThan(text, maximumDepth)) throw tooBig('lists and mappings nest too deep')
  const all = partsOf(text).flatMap((part) => loadedPart(part, limits))
  // GitLab drops documents without content.
  const documents = all.filter(({ value }) => value !== null)
  const [first] = documents
  const last = documents[documents.length - 1]
  const header = documents.length > 1 && isMap(first?.value) && first.value.has('spec') ? { ...first, value: first.value } : undefined
  const content = header === undefined ? first : last
  if (content === undefined || !isMap(content.value))
    throw new Refused('Y2', 'yaml-format', 'the file should be a mapping of keywords and jobs')
  return {
    header: header?.value,
    content: content.value,
    trees: { header: header?.tree, content: content.tree },
    bytes: Math.max(...all.map(({ bytes }) => bytes)),
  }
}

interface LoadedPart {
  readonly value: Yaml
  readonly tree: Tree
  readonly bytes: number
}

function loadedPart(part: Part, limits: Limits): readonly LoadedPart[] {
  const tree = treeOf(part)
  if (tree === undefined) return []
  const [error] = tree.document.errors
  const colon = error === undefined ? unreadableColon(tree.text) : undefined
  if (error !== undefined) throw notYaml(tree, error.pos[0], error.message)
  if (colon !== undefined) throw notYaml(tree, colon, 'in brackets, put a text with a colon at its start or end in quotes')
  const value = construct(tree.document.contents)
  return [{ value, tree, bytes: checkSize(value, limits) }]
}

function notYaml({ text, above }: Part, offset: number, message: string): Refused {
  const line = above + text.slice(0, offset).split('\n').length
  return new Refused('Y2', 'yaml-syntax', `the file is not YAML: ${message}`, { line })
}

// The parser takes such a line for the end of its quotes if the next one has too little indent.
const endsInQuotes = /(?:\\"|'')[ \t\r]*$/m

/**
 * The first document of a part; GitLab ignores the others. None if there are only comments.
 * @throws {Refused} for directives, which GitLab cuts off from their document
 */
function treeOf(part: Part): Tree | undefined {
  const [document] = parse(part.text)
  if (document === undefined) {
    const directive = part.text.search(/^%/m)
    if (directive >= 0) throw notYaml(part, directive, 'GitLab reads no line with `%` above the `---`')
    return undefined
  }
  const text = document.errors.length === 0 && !endsInQuotes.test(part.text) ? part.text : indented(part.text)
  const [again = document] = text === part.text ? [] : parse(text)
  return again.errors.length > 0 && document.errors.length > 0 ? { ...part, document } : { document: again, text, above: part.above }
}

function parse(text: string): readonly Document[] {
  try {
    // All scalars as text; they are then read as GitLab reads them.
    const composer = new Composer({ version: '1.1', schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
    return [...composer.compose(untilBroken(new Parser().parse(text)))]
  } catch (error) {
    if (error instanceof RangeError) throw tooBig('lists and mappings nest too deep')
    throw error
  }
}

/** One unreadable place is enough: in a binary file, each byte would be reported. */
function* untilBroken(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  for (const token of tokens) {
    yield token
    if (token.type === 'error') return
  }
}
