import { Composer, type CST, type Document, Parser } from 'yaml'
import { Refused } from '../finding.js'
import type { Limits } from '../limits.js'
import { isMap, maximumDepth, type Yaml, type YamlMap } from '../value.js'
import { construct, tooBig } from './construct.js'
import { nestsDeeperThan } from './nesting.js'
import { checkSize } from './size.js'

export interface Loaded {
  /** The first document, where it has `spec` and another follows. */
  readonly header: YamlMap | undefined
  readonly content: YamlMap
  readonly trees: { readonly header: Document | undefined; readonly content: Document }
  /** Documents that GitLab does not look at. */
  readonly ignored: number
}

/**
 * Reads a file as GitLab does.
 * @throws {Refused} for what is no configuration
 */
export function loadYaml(text: string, limits: Limits): Loaded {
  if (text.trim() === '') throw new Refused('Y1', 'yaml-empty', 'the file is empty')
  if (Buffer.byteLength(text) > limits.fileBytes)
    throw new Refused('Y3', 'yaml-file-too-big', `the file has more than ${limits.fileBytes} bytes`)
  if (nestsDeeperThan(text, maximumDepth)) throw tooBig('lists and mappings nest too deep')
  const documents = parse(text)
  const values = documents.map((document) => loadedValue(document, text, limits))
  const [first] = values
  const hasHeader = values.length > 1 && isMap(first) && first.has('spec')
  const at = hasHeader ? values.length - 1 : 0
  const [content, tree, header] = [values[at], documents[at], documents[0]]
  if (!isMap(content) || tree === undefined) throw new Refused('Y2', 'yaml-format', 'the file should be a mapping of keywords and jobs')
  return {
    header: hasHeader ? first : undefined,
    content,
    trees: { header: hasHeader ? header : undefined, content: tree },
    ignored: values.length - (hasHeader ? 2 : 1),
  }
}

function parse(text: string): readonly Document[] {
  try {
    // All scalars as text: GitLab's own reading of them follows.
    const composer = new Composer({ version: '1.1', schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
    return [...composer.compose(untilBroken(new Parser().parse(text)))]
  } catch (error) {
    if (error instanceof RangeError) throw tooBig('lists and mappings nest too deep')
    throw error
  }
}

/** One thing that cannot be read is enough: of a file of nothing else, each byte would be reported. */
function* untilBroken(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  for (const token of tokens) {
    yield token
    if (token.type === 'error') return
  }
}

function loadedValue(document: Document, text: string, limits: Limits): Yaml {
  const [error] = document.errors
  if (error !== undefined) {
    const line = text.slice(0, error.pos[0]).split('\n').length
    throw new Refused('Y2', 'yaml-syntax', `the file is not YAML: ${error.message}`, { line })
  }
  const value = construct(document.contents)
  checkSize(value, limits)
  return value
}
