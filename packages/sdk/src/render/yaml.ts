import { Document, isMap, isPair, isScalar, isSeq, type Pair, Scalar, type ScalarTag, type Tags, visit, type YAMLMap } from 'yaml'
import { stringifyString } from 'yaml/util'
import type { JobDocument, PipelineDocument } from '../gitlab/document.js'

export interface YamlOptions {
  /** Lines of the header, without `#`. */
  readonly header: readonly string[]
  /** The comment above a job: where it comes from. */
  readonly comment: (job: string) => string | undefined
}

// Characters that libyaml refuses unescaped, or takes for the end of a line: https://yaml.org/spec/1.1/#id868524.
const unusual = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

// Texts that GitLab's parser (Ruby's Psych) reads as a symbol or a number although YAML 1.1 does not: `:no-op`, `1,000`. `=` and `<<` have
// a meaning in YAML 1.1 that few parsers know, and libyaml takes `?` in a flow for a key.
const ambiguous = /^(?:[:?].*|=|<<|[-+]?[.\d][\d_,.:a-fA-FxXoO+-]*)$/s

// Texts of several lines that no block can hold: only white space, or a tab where libyaml looks for the indentation.
const shapeless = /^\s*(?:\t|$)/

/** A string as the library writes it, except for texts that only GitLab's parser would misread. */
const guardedText: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string',
  resolve: (text) => text,
  stringify(scalar, context, onComment, onChompKeep) {
    const value = String(scalar.value)
    if (value.search(unusual) >= 0)
      return JSON.stringify(value).replaceAll(unusual, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    // libyaml reads `a:?b` in a flow as a key and a value.
    if (context.inFlow && value.includes(':?')) return JSON.stringify(value)
    if (ambiguous.test(value) || (value.includes('\n') && shapeless.test(value))) return JSON.stringify(value)
    return stringifyString({ ...scalar, value }, { ...context, actualString: true }, onComment, onChompKeep)
  },
}

/** Ruby reads `1e+21` as a text, and `1.0e+21` as the number. */
const guardedNumber: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  identify: (value) => typeof value === 'number' && /^-?\d+e/.test(String(value)),
  // The library prefers tags that have this property.
  test: /^-?\d+\.0e[-+]\d+$/,
  resolve: Number,
  stringify: ({ value }) => String(value).replace('e', '.0e'),
}

// With `merge` the library would write the text `<<` as a merge key, and with `omap` the document as a list of pairs. The others are for
// values that JSON does not have, and each value would be tested for them.
const unwanted = ['merge', 'omap', 'set', 'pairs', 'binary'].map((name) => `tag:yaml.org,2002:${name}`)

function isOrdinary(tag: Tags[number]): boolean {
  return typeof tag !== 'string' && !unwanted.includes(tag.tag)
}

/**
 * The document as YAML, with a comment on each job. Strings that YAML 1.1 (which GitLab reads) would misread are quoted; short lists are on
 * one line.
 */
export function renderYaml(pipeline: PipelineDocument, { header, comment }: YamlOptions): string {
  const { spec, include, stages, workflow, variables, prefill = {}, jobs, ...rest } = pipeline
  const keywords = {
    ...(include !== undefined && { include }),
    stages,
    ...(Object.keys(workflow).length > 0 && { workflow }),
    ...(Object.keys(variables).length > 0 && { variables: described(variables, prefill) }),
    ...rest,
  }
  // GitLab takes the first of two documents for the header only if it has `spec`.
  const body = renderDocument({ keywords, jobs, isSpaced: true }, { header: spec === undefined ? header : [], comment })
  return spec === undefined ? body : `${renderDocument({ keywords: { spec }, jobs: {}, isSpaced: true }, { header, comment })}---\n${body}`
}

/** The keywords of a job as lines of YAML, as in the file below its name. */
export function renderBody(keywords: JobDocument): readonly string[] {
  if (Object.keys(keywords).length === 0) return []
  const text = renderDocument({ keywords, jobs: {}, isSpaced: false }, { header: [], comment: () => undefined })
  return text.trimEnd().split('\n')
}

/** Each variable with what the form for a new pipeline shows about it. */
function described(variables: PipelineDocument['variables'], prefill: NonNullable<PipelineDocument['prefill']>): object {
  const entries = Object.entries(variables).map(([name, value]) => {
    const { description, options, ...rest } = Object.hasOwn(prefill, name) ? (prefill[name] ?? {}) : {}
    const shown = { ...(description !== undefined && { description }), ...(options !== undefined && { options }), ...rest }
    return [name, Object.keys(shown).length === 0 ? value : { value, ...shown }] as const
  })
  return Object.fromEntries(entries)
}

interface Root {
  readonly keywords: object
  readonly jobs: PipelineDocument['jobs']
  /** Whether an empty line separates them. */
  readonly isSpaced: boolean
}

function renderDocument({ keywords, jobs, isSpaced }: Root, { header, comment }: YamlOptions): string {
  const document = new Document(
    // A map, since an object would put jobs with numbers as names before the keywords.
    new Map([...Object.entries(keywords), ...Object.entries(jobs)]),
    {
      version: '1.1',
      merge: false,
      aliasDuplicateObjects: false,
      customTags: (tags) => [guardedText, guardedNumber, ...tags.filter(isOrdinary)],
    },
  )
  // The version decides how strings are quoted; the directive itself is not wanted in the file.
  document.directives = null as never
  document.commentBefore = header.map((line) => (line === '' ? '' : ` ${line}`)).join('\n')
  const root = document.contents
  if (isMap(root)) {
    for (const [index, pair] of root.items.entries())
      decorate(pair as Pair, isSpaced && index > 0, (name) => (Object.hasOwn(jobs, name) ? comment(name) : undefined))
  }
  visit(document, {
    Seq(_, list, path) {
      // The names of shared parts start with those of their groups.
      const longest = isBases(path.at(-1)) ? 80 : 40
      list.flow = list.items.every(
        (item) => isScalar(item) && typeof item.value === 'string' && item.value.length <= longest && !/[\s,]/.test(item.value),
      )
    },
    Map(_, map) {
      if (map !== root && isShort(map)) map.flow = true
    },
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && scalar.value.includes('\n')) scalar.type = Scalar.BLOCK_LITERAL
    },
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, singleQuote: null })
}

function decorate(pair: Pair, isApart: boolean, comment: (name: string) => string | undefined): void {
  if (!isScalar(pair.key)) return
  pair.key.spaceBefore = isApart
  const text = comment(String(pair.key.value))
  if (text !== undefined) pair.key.commentBefore = ` ${text}`
}

function isBases(parent: unknown): boolean {
  return isPair(parent) && isScalar(parent.key) && parent.key.value === 'extends'
}

function isShort(map: YAMLMap): boolean {
  const scalars = map.items.every(
    ({ value }) =>
      (isScalar(value) && String(value.value).length <= 40) || (isSeq(value) && value.items.every(isScalar) && value.items.length <= 3),
  )
  // A rule is easier to read and review on separate lines.
  return scalars && !map.has('if') && map.items.length <= 3 && JSON.stringify(map.toJSON()).length <= 100
}
