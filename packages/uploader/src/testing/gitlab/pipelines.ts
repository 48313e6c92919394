import type { IncomingMessage } from 'node:http'
import type { Misbehaviour } from '../server/faults.js'
import type { Answer } from '../server/respond.js'
import { resetConnection } from '../server/tls.js'
import { refusal } from './answers.js'
import { paged } from './paged.js'
import type { GitlabAsked, GitlabPart } from './start.js'

/** A project whose pipelines can be started. */
export interface PipelinesOptions {
  /** The project's path. */
  readonly project: string
  /** Its trigger token, and a token of it with the scope `read_api`. */
  readonly trigger: string
  /** The token that reads pipelines. */
  readonly read: string
  /** Its branches and tags. @default main */
  readonly refs?: readonly string[] | undefined
  /** What a pipeline says of itself from one look to the next; the last stays. @default pending, running, success */
  readonly statuses?: readonly string[] | undefined
  /** `workflow:name` of the project. @default '$STAGEGATE_DEPLOYMENT_KEY' */
  readonly name?: string | undefined
  /** Whether whoever may start it may set variables. @default true */
  readonly variables?: boolean | undefined
  /** The inputs that its `spec` has. @default none */
  readonly inputs?: readonly string[] | undefined
  /** How often the list is asked for before a new pipeline is on it: GitLab is still creating it. @default 0 */
  readonly lag?: number | undefined
  /** Whether the token that reads may also read variables: a maintainer's can. @default false */
  readonly variablesReadable?: boolean | undefined
  /** The server's clock. @default this machine's */
  readonly now?: (() => string) | undefined
}

/** A pipeline that was started. */
export interface RunningPipeline {
  /** The pipeline's number. */
  readonly id: number
  /** Its branch or tag. */
  readonly ref: string
  /** A trigger token, or a person. */
  readonly source: 'trigger' | 'web'
  /** The name that the project's workflow gives it. */
  readonly name: string | null
  /** The variables that it was started with. */
  readonly variables: Readonly<Record<string, string>>
  /** The inputs that it was started with. */
  readonly inputs: Readonly<Record<string, string>>
  /** When it was started, as GitLab writes it. */
  readonly createdAt: string
}

/** The largest form that is read. */
const formLimit = 64 * 1024

/** Pipelines of one project: started with a trigger token, read with another one. */
export class Pipelines implements GitlabPart {
  /** What was started, the oldest first. */
  readonly started: RunningPipeline[] = []
  readonly #options: PipelinesOptions
  readonly #statuses = new Map<number, readonly string[]>()
  readonly #hidden = new Map<number, number>()
  #next = 4711

  constructor(options: PipelinesOptions) {
    this.#options = options
  }

  /** What a pipeline says of itself from now on, one look after the other; the last stays. */
  say(id: number, ...statuses: readonly string[]): void {
    this.#statuses.set(id, statuses)
  }

  /** Started by a person, on the page of pipelines. */
  startByHand(name: string | null, ref = 'main', variables: Readonly<Record<string, string>> = {}): RunningPipeline {
    return this.#create({ ref, source: 'web', name, variables, inputs: {} })
  }

  /** Answers requests that start pipelines or look at them; `undefined` for others. */
  async answer(asked: GitlabAsked): Promise<Answer | undefined> {
    const { request, url, fault } = asked
    const [, project, rest] = /^\/api\/v4\/projects\/([^/]+)\/(.+)$/.exec(url.pathname) ?? []
    if (project === undefined || rest === undefined) return undefined
    if (!/^(?:trigger\/pipeline|pipelines(?:\/\d+(?:\/variables)?)?)$/.test(rest)) return undefined
    refuseLeaks(request, url, [this.#options.trigger, this.#options.read])
    if (rest === 'trigger/pipeline') return request.method === 'POST' ? this.#trigger(request, project, fault) : undefined
    if (request.method !== 'GET') return undefined
    const token = request.headers['private-token']
    if (token !== undefined && token !== this.#options.read) return refusal(401, '401 Unauthorized')
    if (token === undefined || decodeURIComponent(project) !== this.#options.project) return refusal(404, '404 Project Not Found')
    const [, id, what] = rest.split('/')
    if (id === undefined) return this.#list(asked)
    return what === undefined ? this.#one(Number(id)) : this.#variables(Number(id))
  }

  async #trigger(request: IncomingMessage, project: string, { reset }: Misbehaviour): Promise<Answer> {
    if (request.headers['content-type'] !== 'application/x-www-form-urlencoded') throw new Error('a start that is no form')
    const form = new URLSearchParams(await textOf(request))
    if (reset === 'after-body') {
      resetConnection(request.socket)
      return { status: 500 }
    }
    const [token, ref] = [form.get('token'), form.get('ref')]
    if (token === null) return { status: 400, json: { error: 'token is missing' } }
    if (ref === null) return { status: 400, json: { error: 'ref is missing' } }
    if (ref === '') return { status: 400, json: { error: 'ref is empty' } }
    if (token !== this.#options.trigger || decodeURIComponent(project) !== this.#options.project) return refusal(404, '404 Not Found')
    const [variables, inputs] = [fieldsOf(form, 'variables'), fieldsOf(form, 'inputs')]
    const { refs = ['main'], name = '$STAGEGATE_DEPLOYMENT_KEY' } = this.#options
    if (!refs.includes(ref)) return refusal(400, { base: ['Reference not found'] })
    if (this.#options.variables === false && Object.keys(variables).length > 0)
      return refusal(400, { base: ['Insufficient permissions to set pipeline variables'] })
    if (Object.keys(inputs).some((input) => this.#options.inputs?.includes(input) !== true))
      return refusal(400, { base: ['Given inputs not defined in the `spec` section of the included configuration file'] })
    // As GitLab has it: variables stand for their values, inputs have been put in before.
    const named = name
      .replaceAll(/\$\[\[ inputs\.(\w+) \]\]/g, (_, input: string) => inputs[input] ?? '')
      .replaceAll(/\$(\w+)/g, (_, variable: string) => variables[variable] ?? '')
    const pipeline = this.#create({ ref, source: 'trigger', name: named.trim() === '' ? null : named, variables, inputs })
    return { status: 201, json: this.#shown(pipeline, 'created') }
  }

  #create(parts: Omit<RunningPipeline, 'id' | 'createdAt'>): RunningPipeline {
    const createdAt = this.#options.now?.() ?? new Date().toISOString()
    const pipeline = { id: this.#next++, createdAt, ...parts }
    this.started.push(pipeline)
    this.#hidden.set(pipeline.id, this.#options.lag ?? 0)
    if (!this.#statuses.has(pipeline.id)) this.say(pipeline.id, ...(this.#options.statuses ?? ['pending', 'running', 'success']))
    return pipeline
  }

  #list(asked: GitlabAsked): Answer {
    const { searchParams } = asked.url
    const [ref, name] = [searchParams.get('ref'), searchParams.get('name')]
    const listed = this.started
      .filter(({ id }) => this.#appears(id))
      .filter((pipeline) => (ref === null || pipeline.ref === ref) && (name === null || pipeline.name === name))
      .reverse()
    const shown = listed.map((pipeline) => this.#shown(pipeline, this.#statusOf(pipeline.id)))
    return paged(shown, asked)
  }

  #appears(id: number): boolean {
    const hidden = this.#hidden.get(id) ?? 0
    if (hidden > 0) this.#hidden.set(id, hidden - 1)
    return hidden === 0
  }

  #one(id: number): Answer {
    const pipeline = this.started.find((one) => one.id === id)
    if (pipeline === undefined) return refusal(404, '404 Not found')
    const status = this.#statusOf(id)
    const [, ...rest] = this.#statuses.get(id) ?? []
    if (rest.length > 0) this.#statuses.set(id, rest)
    return { status: 200, json: { ...this.#shown(pipeline, status), detailed_status: { text: status } } }
  }

  /** For maintainers, and for whoever started it: app/policies/ci/pipeline_policy.rb. */
  #variables(id: number): Answer {
    const pipeline = this.started.find((one) => one.id === id)
    if (pipeline === undefined) return refusal(404, '404 Not found')
    if (this.#options.variablesReadable !== true) return refusal(403, '403 Forbidden')
    const rows = Object.entries(pipeline.variables).map(([key, value]) => ({ variable_type: 'env_var', key, value, raw: false }))
    return { status: 200, json: rows }
  }

  #statusOf(id: number): string {
    return this.#statuses.get(id)?.[0] ?? 'created'
  }

  #shown({ id, ref, source, name, createdAt }: RunningPipeline, status: string): Record<string, unknown> {
    const webUrl = `https://gitlab.example/${this.#options.project}/-/pipelines/${id}`
    return {
      id,
      iid: id - 4700,
      project_id: 7,
      sha: 'a'.repeat(40),
      ref,
      status,
      source,
      name,
      created_at: createdAt,
      updated_at: createdAt,
      web_url: webUrl,
    }
  }
}

/** Each token goes where it belongs, and nowhere else. */
function refuseLeaks({ headers }: IncomingMessage, url: URL, tokens: readonly string[]): void {
  const [trigger = ''] = tokens
  if (tokens.some((token) => url.href.includes(token))) throw new Error('a token in the URL')
  if (headers['private-token'] === trigger) throw new Error('the trigger token was sent to read')
  if (url.pathname.endsWith('/trigger/pipeline') && headers['private-token'] !== undefined)
    throw new Error('the reading token was sent to start')
}

/** The fields `variables[NAME]`, by name. */
function fieldsOf(form: URLSearchParams, kind: 'variables' | 'inputs'): Record<string, string> {
  return Object.fromEntries(
    [...form].flatMap(([field, value]) => {
      const name = new RegExp(`^${kind}\\[(.+)\\]$`).exec(field)?.[1]
      return name === undefined ? [] : [[name, value]]
    }),
  )
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk
    if (text.length > formLimit) throw new Error('a form without end')
  }
  return text
}
