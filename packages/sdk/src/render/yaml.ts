import { Document, isMap, isScalar, isSeq, type Pair, Scalar, visit, type YAMLMap } from 'yaml'
import type { PipelineDocument } from '../gitlab/document.js'

export interface YamlOptions {
  /** Lines of the header, without `#`. */
  readonly header: readonly string[]
  /** What stands above a job: where it comes from. */
  readonly comment: (job: string) => string | undefined
}

/**
 * The document as YAML, with a comment on each job. Strings that YAML 1.1 (which GitLab reads) would take for something
 * else are quoted; short lists stand on one line.
 */
export function renderYaml({ stages, workflow, variables, jobs, ...rest }: PipelineDocument, { header, comment }: YamlOptions): string {
  const document = new Document({ stages, workflow, variables, ...rest, ...jobs }, { version: '1.1', aliasDuplicateObjects: false })
  // The version decides how strings are quoted; the directive itself is not wanted.
  document.directives = null as never
  document.commentBefore = header.map((line) => (line === '' ? '' : ` ${line}`)).join('\n')
  const root = document.contents
  if (isMap(root)) {
    for (const [index, pair] of root.items.entries())
      decorate(pair as Pair, index, (name) => (Object.hasOwn(jobs, name) ? comment(name) : undefined))
  }
  visit(document, {
    Seq(_, list) {
      list.flow = list.items.every(
        (item) => isScalar(item) && typeof item.value === 'string' && item.value.length <= 40 && !/[\s,]/.test(item.value),
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

function decorate(pair: Pair, index: number, comment: (name: string) => string | undefined): void {
  if (!isScalar(pair.key)) return
  pair.key.spaceBefore = index > 0
  const text = comment(String(pair.key.value))
  if (text !== undefined) pair.key.commentBefore = ` ${text}`
}

function isShort(map: YAMLMap): boolean {
  const scalars = map.items.every(
    ({ value }) =>
      (isScalar(value) && String(value.value).length <= 40) || (isSeq(value) && value.items.every(isScalar) && value.items.length <= 3),
  )
  // A rule is easier to read, and to review, on lines of its own.
  return scalars && !map.has('if') && map.items.length <= 3 && JSON.stringify(map.toJSON()).length <= 100
}
