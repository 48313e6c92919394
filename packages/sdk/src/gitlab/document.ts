import type { JsonObject, JsonValue } from '@stagegate/schema'

/** A job as GitLab knows it: its own keys, its own names. */
export type JobDocument = JsonObject

/** GitLab's own stages around all others; they need not be named. */
export const outerStages = ['.pre', '.post'] as const

/** The pipeline as it will be rendered. Checks judge this; patches change it. */
export interface PipelineDocument {
  /** The header of a file that others include with inputs: a document of its own, before all else. */
  spec?: JsonObject
  include?: JsonValue[]
  stages: string[]
  workflow: JsonObject
  /** The values for all jobs; the workflow's rules override them. */
  variables: Record<string, string>
  /** More members of some variables: `description`, `options`, `expand`. Rendered together with the value. */
  prefill?: Record<string, JsonObject>
  default?: JsonObject
  jobs: Record<string, JobDocument>
}

/** One entry of `needs`, as checks and the evaluation of pipelines read it. */
export interface DocumentNeed {
  readonly job: string
  readonly artifacts: boolean
  readonly optional: boolean
}

/** `undefined` where the job has no `needs`, so that it waits for all of the earlier stages. */
export function needsOf(job: JobDocument): readonly DocumentNeed[] | undefined {
  return job['needs'] === undefined ? undefined : needsIn(job['needs'])
}

/** All stages in their order, GitLab's own around the author's. GitLab takes lists in lists. */
export function stagesIn({ stages }: Pick<PipelineDocument, 'stages'>): readonly string[] {
  return [outerStages[0], ...stages.flat(), outerStages[1]]
}

export function stageOf(job: JobDocument): string {
  return text(job['stage']) ?? 'test'
}

/** The items of a list, also of the lists in it, as GitLab reads `needs`, `services`, `cache` and `trigger:include`; one value alone is a list of it. */
export function itemsIn(value: JsonValue | undefined): readonly JsonValue[] {
  if (Array.isArray(value)) return value.flatMap(itemsIn)
  return value === undefined || value === null ? [] : [value]
}

export function textsOf(value: JsonValue | undefined): Readonly<Record<string, string>> {
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, member]) => [key, isObject(member) ? String(member['value'] ?? '') : String(member)]),
      )
    : {}
}

/** The members that are given, in their order. */
export function given(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(members).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A copy that shares nothing with the original: what an author, or a patch, changes later changes nothing here.
 * @throws {TypeError} for what JSON cannot hold, such as a date, naming where it is
 */
export function plain<T extends JsonValue>(value: T): T {
  // The copy has the form of the original, which the compiler cannot see.
  return copied(value, []) as T
}

function copied(value: unknown, path: readonly string[]): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (path.length < 100 && Array.isArray(value)) return value.map((item, index) => copied(item, [...path, String(index)]))
  const prototype: unknown = typeof value === 'object' ? Object.getPrototypeOf(value) : undefined
  if (path.length < 100 && typeof value === 'object' && (prototype === null || Object.getPrototypeOf(prototype) === null)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    return Object.fromEntries(members.map(([key, member]) => [key, copied(member, [...path, key])]))
  }
  const place = path.length === 0 ? '' : ` at ${path.slice(0, 10).join('.')}`
  throw new TypeError(`Expected text, numbers, true, false, null, lists and objects${place}, got ${kindOf(value)}`)
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Array.isArray(value) ? 'lists that are nested too deep' : `a ${value.constructor?.name ?? 'object'}`
}

export function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function needsIn(value: JsonValue): readonly DocumentNeed[] {
  return itemsIn(value).flatMap((item) => {
    if (typeof item === 'string') return [{ job: item, artifacts: true, optional: false }]
    const job = isObject(item) && item['pipeline'] === undefined && item['project'] === undefined ? text(item['job']) : undefined
    return isObject(item) && job !== undefined
      ? [{ job, artifacts: item['artifacts'] !== false, optional: (item['optional'] ?? false) !== false }]
      : []
  })
}
