import type { JsonValue } from '@stagegate/schema'
import { choicesOf } from '../check/include/whole.js'
import type { PipelineDocument } from '../gitlab/document.js'
import { type LintOptions, type LintResult, lintText, type ReadFile } from '../lint/index.js'
import { documentOf } from '../lint/resolve/document.js'

/** One of the pipelines that a file can come to be. */
export interface Variant {
  readonly document: PipelineDocument
  readonly read: readonly ReadFile[]
  readonly unread: readonly string[]
}

export interface Variants {
  readonly variants: readonly Variant[]
  /** Files and inputs that could not be judged in every case. */
  readonly unknown: readonly string[]
}

/** More pipelines than this are not gone through. */
const mostVariants = 64

/**
 * Every pipeline that a file can come to be: whoever starts it chooses its inputs, and an included file with rules may be there or not.
 * An input that can have any value stays open, so that nothing is proved by it.
 */
export function variantsOf(yaml: string, options: LintOptions, linted: LintResult): Variants {
  const free = linted.inputs.filter(({ name }) => !Object.hasOwn(options.inputs ?? {}, name))
  const finite = free.flatMap(({ name, values }) => (values === undefined ? [] : [{ name, values }]))
  const isMany = 2 ** linted.conditional.length * finite.reduce((product, { values }) => product * values.length, 1) > mostVariants
  const chosen = isMany ? [] : finite
  const open = new Set(free.map(({ name }) => name).filter((name) => !chosen.some((one) => one.name === name)))
  const taken = choicesOf(isMany ? [] : linted.conditional)
  const documents = combinations(chosen).flatMap((inputs) =>
    taken.map((files) =>
      variantOf(yaml, { ...options, inputs: { ...options.inputs, ...inputs }, open, ...(isMany ? {} : { taken: files }) }),
    ),
  )
  const variants = documents.filter((one) => one !== undefined)
  const asWritten = variants.length === 0 ? variantOf(yaml, options) : undefined
  return {
    variants: asWritten === undefined ? variants : [asWritten],
    // With a chosen value that GitLab refuses there is no pipeline; an open input may be why a case could not be read.
    unknown: variants.length < documents.length ? [...open].map((name) => `the input ${name}`) : [],
  }
}

function variantOf(yaml: string, options: LintOptions): Variant | undefined {
  const { resolved, read, unread, handed } = lintText(yaml, options)
  if (resolved === undefined) return undefined
  return { document: { ...documentOf(resolved), include: handed.map((inputs) => ({ inputs })) }, read, unread }
}

function combinations(
  inputs: readonly { readonly name: string; readonly values: readonly JsonValue[] }[],
): readonly Record<string, JsonValue>[] {
  return inputs.reduce<readonly Record<string, JsonValue>[]>(
    (all, { name, values }) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  )
}
