import type { JsonObject, JsonValue } from '@stagegate/schema'
import { isObject } from '../gitlab/document.js'
import { holdsUnknown } from './checks.js'
import { type Finding, Refused } from './finding.js'
import { checkSpec, headerOf, type InputDeclaration } from './header/header.js'
import { checkKeywords } from './keyword/root.js'
import { defaultLimits, type Limits } from './limits.js'
import { checkLogic } from './logic/check-logic.js'
import { Place } from './place.js'
import { asJson } from './resolve/document.js'
import { resolveExtends } from './resolve/extends.js'
import { type IncludeOptions, inputReader, type ReadFile, resolveIncludes } from './resolve/include.js'
import { resolveReferences } from './resolve/reference.js'
import { softened } from './soften.js'
import { fromPlain, isList, isMap, isText, type YamlMap } from './value.js'
import { tooBig } from './yaml/construct.js'
import { lineFinder } from './yaml/lines.js'
import { loadYaml } from './yaml/load.js'
import { repeatedKeys } from './yaml/repeated.js'
import { checkSize, sizeWarning } from './yaml/size.js'

export interface LintOptions extends IncludeOptions {
  /** Values for `spec:inputs` of the file itself. */
  readonly inputs?: Readonly<Record<string, unknown>>
  /** Inputs of the file itself without a value: `$[[ inputs.NAME ]]` stays as it is written. */
  readonly open?: ReadonlySet<string> | undefined
  /** Limits that the administrator of the GitLab has changed. */
  readonly limits?: Partial<Limits>
}

export interface LintResult {
  /** Whether GitLab accepts it, as far as is known without the files in `unread`. */
  readonly valid: boolean
  readonly findings: readonly Finding[]
  /** Includes that were not read. */
  readonly unread: readonly string[]
  /** Local files that were read. */
  readonly read: readonly ReadFile[]
  /** Local files of `unread` that could be read, but depend on rules of their own. */
  readonly conditional: readonly string[]
  /** The inputs that are passed to included files, read or not. */
  readonly handed: readonly JsonValue[]
  /** The inputs that the file declares. */
  readonly inputs: readonly InputDeclaration[]
  /** The names of the jobs, after `parallel`; empty if the keywords have errors. */
  readonly jobs: readonly string[]
  /** The configuration after includes, `extends` and references; `undefined` if it could not be read. */
  readonly resolved: YamlMap | undefined
}

/** Checks the text of a `.gitlab-ci.yml` as GitLab would. */
export function lintText(text: string, options: LintOptions = {}): LintResult {
  const limits = { ...defaultLimits, ...options.limits }
  return refusable(() => {
    const loaded = loadYaml(text, limits)
    const lineOf = lineFinder(loaded.trees)
    const found: Finding[] = []
    const place = new Place(found, limits)
    found.push(...sizeWarning(loaded.bytes, limits.expandedBytes, 'the file'))
    const result = refusable(() => {
      const readInputs = inputReader(limits, options.readLocal)
      const { content, valid, inputs, unread } = headerOf(loaded, { ...options, readInputs }, place)
      const judgement = valid ? judged(content, limits, options) : nothing
      return { ...judgement, unread: [...new Set([...unread, ...judgement.unread])], inputs }
    })
    const findings = [...found, ...result.findings].map((finding) => {
      const line = lineOf(finding.path)
      return line === undefined ? finding : { ...finding, line }
    })
    return { ...result, findings: [...findings, ...repeatedKeys(loaded.trees.content)] }
  })
}

/** Checks a configuration that was already parsed, or is not written yet. */
export function lintDocument(
  document: Readonly<Record<string, unknown>> | ReadonlyMap<unknown, unknown>,
  options: LintOptions = {},
): readonly Finding[] {
  const limits = { ...defaultLimits, ...options.limits }
  return refusable(() => judged(rootOf(document), limits, options)).findings
}

/** Checks the header of a configuration whose inputs get their values where it is included. */
export function lintSpec(spec: Readonly<Record<string, unknown>>): readonly Finding[] {
  const found: Finding[] = []
  checkSpec(rootOf(spec), new Place(found))
  return found
}

/** The approximate bytes of memory that a configuration takes in GitLab; `undefined` if it is not YAML or nests too deep. */
export function memoryOf(document: Readonly<Record<string, unknown>>): number | undefined {
  try {
    return checkSize(rootOf(document), { ...defaultLimits, expandedBytes: Number.POSITIVE_INFINITY })
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

/** A configuration with its includes, `extends` and references resolved. Nothing else is checked. */
export function resolveDocument(document: Readonly<Record<string, unknown>>, options: LintOptions = {}): LintResult {
  const limits = { ...defaultLimits, ...options.limits }
  return refusable(() => ({ ...nothing, ...resolve(rootOf(document), limits, options) }))
}

/**
 * A configuration in which `extends` between its own entries is resolved, whatever its included files contain; `undefined` if GitLab
 * refuses it.
 */
export function resolveOwnBases(document: Readonly<Record<string, unknown>>): JsonObject | undefined {
  try {
    const resolved = asJson(resolveExtends(rootOf(document), false))
    return isObject(resolved) ? resolved : undefined
  } catch (error) {
    if (error instanceof Refused) return undefined
    throw error
  }
}

function rootOf(document: Readonly<Record<string, unknown>> | ReadonlyMap<unknown, unknown>): YamlMap {
  const root = fromPlain(document)
  if (!isMap(root)) throw tooBig('it nests too deep, or holds what YAML cannot')
  return root
}

type Judgement = Omit<LintResult, 'valid'>
const nothing: Judgement = { findings: [], unread: [], read: [], conditional: [], handed: [], inputs: [], jobs: [], resolved: undefined }

function resolve(content: YamlMap, limits: Limits, options: IncludeOptions) {
  const { root, handed, ...others } = resolveIncludes(content, limits, options)
  const files = { ...others, handed: handed.map(asJson) }
  const complete = files.unread.length === 0
  return { ...files, resolved: resolveReferences(resolveExtends(root, complete), complete) }
}

function judged(content: YamlMap, limits: Limits, options: IncludeOptions): Judgement {
  const { resolved, ...files } = resolve(content, limits, options)
  const { unread } = files
  const found = files.read.flatMap(({ path, bytes }) => sizeWarning(bytes, limits.expandedBytes, `the included file ${path}`))
  checkKeywords(resolved, unread.length === 0, new Place(found, limits))
  const settled = settledIn(content, resolved)
  const soft = softened(found, unread, settled)
  if (soft.some(({ severity }) => severity === 'error')) return { ...nothing, ...files, findings: soft, resolved }
  const { findings, jobs } = checkLogic(resolved, limits)
  const logical = softened(findings, unread, settled).map((finding) => withReason(finding, content, settled))
  return { ...nothing, ...files, findings: [...soft, ...logical], jobs, resolved }
}

/** Whether no other file can settle a finding: the file itself defines the stages, and the job names one. */
function settledIn(content: YamlMap, resolved: YamlMap): (finding: Finding) => boolean {
  const stages = content.get('stages') ?? null
  const known = isList(stages) && !holdsUnknown(stages)
  return ({ code, job }) => {
    const body = job === undefined ? undefined : resolved.get(job)
    return known && code === 'gitlab/stage-undefined' && isMap(body) && isText(body.get('stage'))
  }
}

function withReason(finding: Finding, content: YamlMap, settled: (finding: Finding) => boolean): Finding {
  if (!content.has('include') || !settled(finding)) return finding
  return { ...finding, message: `${finding.message}: those of the file itself replace the \`stages\` of all files that it includes` }
}

function refusable(judge: () => Judgement): LintResult {
  const judgement = caught(judge)
  return { ...judgement, valid: judgement.findings.every(({ severity }) => severity !== 'error') }
}

function caught(judge: () => Judgement): Judgement {
  try {
    return judge()
  } catch (error) {
    if (error instanceof Refused) return { ...nothing, findings: [error.finding] }
    throw error
  }
}
