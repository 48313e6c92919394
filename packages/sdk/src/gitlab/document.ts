import type { JsonObject, JsonValue } from '@stagegate/schema'

/** A job as GitLab knows it: its own keys, its own names. */
export type JobDocument = JsonObject

/** The pipeline as it will be rendered. Checks judge this; patches change it. */
export interface PipelineDocument {
  stages: string[]
  workflow: JsonObject
  /** Of all jobs; the workflow's rules override them. */
  variables: Record<string, string>
  jobs: Record<string, JobDocument>
}

/** A rule of a job, a need of a job: read from the document by checks and by the evaluation of pipelines. */
export interface DocumentRule {
  readonly if: string | undefined
  readonly when: string | undefined
  readonly allowFailure: boolean
  readonly needs: readonly DocumentNeed[] | undefined
  readonly variables: Readonly<Record<string, string>>
}
export interface DocumentNeed {
  readonly job: string
  readonly artifacts: boolean
  readonly optional: boolean
}

export function rulesOf(holder: JsonObject): readonly DocumentRule[] {
  return objects(holder['rules']).map((rule) => ({
    if: text(rule['if']),
    when: text(rule['when']) ?? text(holder['when']),
    allowFailure: rule['allow_failure'] === true,
    needs: rule['needs'] === undefined ? undefined : needsIn(rule['needs']),
    variables: textsOf(rule['variables']),
  }))
}

/** `undefined` where the job has no `needs`, so that it waits for all of the earlier stages. */
export function needsOf(job: JobDocument): readonly DocumentNeed[] | undefined {
  return job['needs'] === undefined ? undefined : needsIn(job['needs'])
}

export function stageOf(job: JobDocument): string {
  return text(job['stage']) ?? 'test'
}

export function textsOf(value: JsonValue | undefined): Readonly<Record<string, string>> {
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, member]) => [key, isObject(member) ? String(member['value'] ?? '') : String(member)]),
      )
    : {}
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function needsIn(value: JsonValue): readonly DocumentNeed[] {
  const items = Array.isArray(value) ? value : [value]
  return items.flatMap((item) => {
    if (typeof item === 'string') return [{ job: item, artifacts: true, optional: false }]
    const job = isObject(item) && item['pipeline'] === undefined && item['project'] === undefined ? text(item['job']) : undefined
    return isObject(item) && job !== undefined ? [{ job, artifacts: item['artifacts'] !== false, optional: item['optional'] === true }] : []
  })
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
