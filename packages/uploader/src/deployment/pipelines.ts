import { GateError, type PlannedRemote } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../contract/capabilities.js'
import { GitlabApi, privateToken } from '../gitlab/gitlab-api.js'
import { refusalWith } from '../gitlab/refusal.js'
import type { Resources } from '../gitlab/resource.js'
import type { Network } from '../http/network.js'

/**
 * A pipeline as GitLab describes it, as far as we need it.
 * @see https://docs.gitlab.com/api/pipelines/
 */
export interface Pipeline {
  readonly id: number
  /** Words such as `waiting_for_resource`; later versions may have others. */
  readonly status: string
  readonly ref: string
  /** Lists and single pipelines have it since GitLab 16.3; null if the project sets none. */
  readonly name?: string | null | undefined
  readonly created_at: string
  readonly web_url: string
}

const Pipeline: v.GenericSchema<Pipeline> = v.object({
  id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  status: v.pipe(v.string(), v.regex(/^[a-z_]{1,64}$/, 'a status')),
  ref: v.string(),
  name: v.nullish(v.string()),
  created_at: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/, 'a time')),
  web_url: v.pipe(v.string(), v.url()),
})

const Variables = v.array(v.object({ key: v.string(), value: v.string() }))

/** GitLab's answer to a request to start a pipeline. A throw means that it is unknown whether it started. */
export type Started =
  | { readonly outcome: 'started'; readonly pipeline: number }
  /** GitLab refused: nothing was started. */
  | { readonly outcome: 'refused'; readonly because: string }

/** The pipelines of one project for one ref, on a GitLab that may not be ours. */
export class ProjectPipelines {
  readonly #remote: PlannedRemote
  readonly #reader: GitlabApi
  readonly #starter: GitlabApi

  /** @throws {UsageError} a variable that is not set, or an invalid address */
  constructor(remote: PlannedRemote, environment: Network) {
    this.#remote = remote
    this.#reader = new GitlabApi(remote, environment, privateToken(remote.read))
    this.#starter = new GitlabApi(remote, environment, { scheme: 'form', field: 'token', value: { variable: remote.trigger } })
  }

  /** The page of a pipeline, or of all pipelines of the ref. */
  address(pipeline?: number): string {
    const { url, project, ref } = this.#remote
    const { origin, pathname } = new URL(url)
    const what = pipeline === undefined ? `?ref=${encodeURIComponent(ref)}` : `/${pipeline}`
    return `${origin}${pathname.replace(/\/+$/, '')}/${project}/-/pipelines${what}`
  }

  /** The pipelines with exactly this name, the newest first. */
  async named(name: string, call: Call): Promise<readonly Pipeline[]> {
    const { project, ref } = this.#remote
    const newest = { ref, name, orderBy: 'id', sort: 'desc', perPage: 100, page: 1 } as const
    const found = await this.#read((pipelines) => pipelines.all(project, newest), v.array(Pipeline), call)
    // GitLab filters by name since 16.9; older versions ignore the filter and list all.
    return found.filter((pipeline) => pipeline.name === name)
  }

  async read(pipeline: number, call: Call): Promise<Pipeline> {
    return this.#read((pipelines) => pipelines.show(this.#remote.project, pipeline), Pipeline, call, pipeline)
  }

  /** The variables that a pipeline was started with; `undefined` if the token may not read them. Maintainers' tokens may. */
  async variables(pipeline: number, call: Call): Promise<ReadonlyMap<string, string> | undefined> {
    const question = (pipelines: Resources['Pipelines']) => pipelines.allVariables(this.#remote.project, pipeline)
    try {
      const found = await this.#reader.ask('Pipelines', question, Variables, call)
      return new Map(found.map(({ key, value }) => [key, value]))
    } catch (error) {
      refusalWith([403], error)
      return undefined
    }
  }

  /**
   * Starts a pipeline with these variables and inputs.
   * @throws {PutOff} nothing was started: GitLab asks to retry later
   * @throws {Error} any other error: the result is unknown
   */
  async start(variables: Readonly<Record<string, string>>, inputs: Readonly<Record<string, string>>, call: Call): Promise<Started> {
    const { project, ref } = this.#remote
    const fields = Object.fromEntries([...fieldsOf('variables', variables), ...fieldsOf('inputs', inputs)])
    // The client adds the token. As `variables`, gitbeaker would cut values at an ampersand; the presence of this field turns the fields
    // into a form.
    const question = (tokens: Resources['PipelineTriggerTokens']) => tokens.trigger(project, ref, '', { variables: {}, ...fields })
    try {
      const { id } = await this.#starter.ask('PipelineTriggerTokens', question, Pipeline, call)
      return { outcome: 'started', pipeline: id }
    } catch (error) {
      const { status, said } = refusalWith([400, 401, 403, 404, 405, 422], error)
      // Only GitLab itself can refuse: a proxy may answer with the same status after the pipeline was started.
      if (said === undefined) throw error
      return { outcome: 'refused', because: `${this.#meaning(status)} Its answer: ${said}` }
    }
  }

  async #read<T>(
    question: (pipelines: Resources['Pipelines']) => Promise<unknown>,
    schema: v.GenericSchema<unknown, T>,
    call: Call,
    pipeline?: number,
  ): Promise<T> {
    try {
      return await this.#reader.ask('Pipelines', question, schema, call)
    } catch (error) {
      const { status } = refusalWith([401, 403, 404], error)
      const { project, url, read } = this.#remote
      throw new GateError({
        code: 'gate/deployment-unreadable',
        where: `${url}/${project}`,
        what: `${pipeline === undefined ? '' : `its pipeline ${pipeline} does not exist, or `}its pipelines cannot be read (${status})`,
        next: `Check the variable ${read}: it must hold an unexpired token of this project with the scope read_api. No further pipeline was started. Then run the job again.`,
      })
    }
  }

  #meaning(status: number): string {
    const { project, trigger, ref } = this.#remote
    if (status === 404)
      return `The project ${project} does not exist there, or the variable ${trigger} does not hold one of its trigger tokens (404; GitLab does not tell these apart).`
    return `GitLab refused to start a pipeline of ${project} for ${ref} (${status}).`
  }
}

function fieldsOf(kind: 'variables' | 'inputs', values: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(values).map(([name, value]) => [`${kind}[${name}]`, value])
}
