import { GateError, type PlannedRemote, StagegateError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import type { HttpAnswer, HttpClient } from '../http/client.js'
import { retryAt } from '../http/retry-after.js'
import type { Environment } from '../repository/define.js'

/**
 * A pipeline as GitLab describes it, as far as we need it.
 * @see https://docs.gitlab.com/api/pipelines/
 */
export interface Pipeline {
  readonly id: number
  /** Words such as `waiting_for_resource`; later versions may have others. */
  readonly status: string
  readonly ref: string
  /** Lists and single pipelines have it since GitLab 16.3; null where the project gives none. */
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

/** The form of GitLab's own refusals: a text, or messages by field. */
const Refusal = v.union([
  v.object({ message: v.union([v.string(), v.record(v.string(), v.union([v.string(), v.array(v.string())]))]) }),
  v.pipe(
    v.object({ error: v.string() }),
    v.transform(({ error }) => ({ message: error })),
  ),
])

/** GitLab's answer to a request to start a pipeline. A throw means that nobody knows whether it did. */
export type Started =
  | { readonly outcome: 'started'; readonly pipeline: number }
  /** GitLab says no: nothing was started. */
  | { readonly outcome: 'refused'; readonly because: string }

/** The pipelines of one project for one ref, on a GitLab that may be another than ours. */
export class ProjectPipelines {
  readonly #remote: PlannedRemote
  readonly #reader: HttpClient
  readonly #starter: HttpClient
  readonly #environment: Environment
  /** Where the instance lies, and the project in its API. */
  readonly #base: string
  readonly #api: string

  /** @throws {UsageError} a variable that is not set, or an address that is none */
  constructor(remote: PlannedRemote, environment: Environment) {
    const { origin, pathname } = new URL(remote.url)
    const trust = { ca: remote.ca }
    this.#remote = remote
    this.#environment = environment
    this.#base = pathname.replace(/\/+$/, '')
    this.#api = `${this.#base}/api/v4/projects/${encodeURIComponent(remote.project)}`
    this.#reader = environment.http(origin, { scheme: 'header', header: 'PRIVATE-TOKEN', value: { variable: remote.read } }, trust)
    this.#starter = environment.http(origin, { scheme: 'form', field: 'token', value: { variable: remote.trigger } }, trust)
  }

  /** Where people look at a pipeline, or at all of the ref. */
  address(pipeline?: number): string {
    const { project, ref } = this.#remote
    const what = pipeline === undefined ? `?ref=${encodeURIComponent(ref)}` : `/${pipeline}`
    return `${this.#reader.origin}${this.#base}/${project}/-/pipelines${what}`
  }

  /** The pipelines with exactly this name, the newest first. */
  async named(name: string, call: Call): Promise<readonly Pipeline[]> {
    const query = new URLSearchParams({ ref: this.#remote.ref, name, order_by: 'id', sort: 'desc', per_page: '100' })
    const found = await this.#get(`/pipelines?${query}`, v.array(Pipeline), call)
    // GitLab asks by name since 16.9; one that does not know the question lists them all.
    return found.filter((pipeline) => pipeline.name === name)
  }

  async read(pipeline: number, call: Call): Promise<Pipeline> {
    return this.#get(`/pipelines/${pipeline}`, Pipeline, call)
  }

  /** The variables that a pipeline was started with; `undefined` where the token may not read them: maintainers' tokens may. */
  async variables(pipeline: number, call: Call): Promise<ReadonlyMap<string, string> | undefined> {
    const path = `${this.#api}/pipelines/${pipeline}/variables`
    const answer = await this.#reader.send({ method: 'GET', path, headers: { accept: 'application/json' } }, call)
    if (answer.status === 403) return undefined
    if (answer.status === 429) throw this.#tooOften(answer, path)
    if (answer.status !== 200) throw this.#unexpected(answer, path)
    return new Map(this.#parse(answer, Variables, path).map(({ key, value }) => [key, value]))
  }

  /**
   * Starts a pipeline with these variables and inputs.
   * @throws {PutOff} nothing was started: GitLab asks to be asked later
   * @throws {Error} anything else: nobody knows
   */
  async start(variables: Readonly<Record<string, string>>, inputs: Readonly<Record<string, string>>, call: Call): Promise<Started> {
    const form = new URLSearchParams({ ref: this.#remote.ref })
    for (const [name, value] of Object.entries(variables)) form.append(`variables[${name}]`, value)
    for (const [name, value] of Object.entries(inputs)) form.append(`inputs[${name}]`, value)
    const path = `${this.#api}/trigger/pipeline`
    const headers = { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await this.#starter.send({ method: 'POST', path, headers, body: form.toString() }, call)
    if (answer.status === 201) return { outcome: 'started', pipeline: this.#parse(answer, Pipeline, path).id }
    if (answer.status === 429) throw this.#tooOften(answer, path)
    const said = saidIn(answer)
    // Only GitLab itself speaks for GitLab: what stands between us may refuse with the same status what was done long ago.
    if (said === undefined || ![400, 401, 403, 404, 405, 422].includes(answer.status)) throw this.#unexpected(answer, path)
    return { outcome: 'refused', because: `${this.#meaning(answer.status)} It says: ${this.#starter.quote(said)}` }
  }

  async #get<T>(rest: string, schema: v.GenericSchema<T>, call: Call): Promise<T> {
    const path = `${this.#api}${rest}`
    const answer = await this.#reader.send({ method: 'GET', path, headers: { accept: 'application/json' } }, call)
    if (answer.status === 200) return this.#parse(answer, schema, path)
    if (answer.status === 429) throw this.#tooOften(answer, path)
    if (![401, 403, 404].includes(answer.status)) throw this.#unexpected(answer, path)
    const { project, url, read } = this.#remote
    throw new GateError({
      code: 'gate/deployment-unreadable',
      where: `${url}/${project}`,
      what: `${rest.startsWith('/pipelines/') ? `its pipeline ${rest.slice('/pipelines/'.length)} is not there, or ` : ''}its pipelines cannot be read (${answer.status})`,
      next: `Check the variable ${read}: it must hold a token of this project with the scope read_api that has not expired. Nothing more was started; run the job again.`,
    })
  }

  #meaning(status: number): string {
    const { project, trigger, ref } = this.#remote
    if (status === 404)
      return `The project ${project} does not exist there, or the variable ${trigger} does not hold a trigger token of it (404; GitLab does not say which).`
    return `GitLab does not start a pipeline of ${project} for ${ref} (${status}).`
  }

  #parse<T>(answer: HttpAnswer, schema: v.GenericSchema<T>, path: string): T {
    const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), answer.text, { abortEarly: true })
    if (result.success) return result.output
    throw this.#unexpected(answer, path)
  }

  #unexpected({ status }: HttpAnswer, path: string): StagegateError {
    const what = `the server answered ${status}${status < 300 ? ', and not what GitLab gives' : ''}`
    return new StagegateError({ code: 'gitlab/unexpected-answer', where: this.#where(path), what })
  }

  #tooOften({ headers }: HttpAnswer, path: string): PutOff {
    const until = retryAt(headers['retry-after'], this.#environment.clock.now())
    return new PutOff({ what: 'the server is asked too often (429)', where: this.#where(path), until })
  }

  #where(path: string): string {
    return `${this.#reader.origin}${path.split('?', 1)[0]}`
  }
}

function saidIn({ text }: HttpAnswer): string | undefined {
  const refusal = v.safeParse(v.pipe(v.string(), v.parseJson(), Refusal), text)
  if (!refusal.success) return undefined
  const { message } = refusal.output
  if (typeof message === 'string') return message
  return Object.entries(message)
    .map(([field, said]) => `${field}: ${[said].flat().join(', ')}`)
    .join('; ')
}
