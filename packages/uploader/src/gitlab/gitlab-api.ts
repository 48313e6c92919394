import { GateError, type ReleasePlan, readTokenVariable, StagegateError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Body, Call } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import type { Credential, HttpAnswer, HttpClient, HttpDownload } from '../http/client.js'
import type { Network } from '../http/network.js'
import { retryAt } from '../http/retry-after.js'
import { jobTokenVariable } from './job-token.js'
import { GitlabRefusal } from './refusal.js'
import type { GitlabRequest, Resources } from './resource.js'

/** A job's token, in this variable. */
export function jobToken(variable = jobTokenVariable): Credential {
  return { scheme: 'header', header: 'JOB-TOKEN', value: { variable } }
}

/** A token of a person or a project, in this variable. */
export function privateToken(variable: string): Credential {
  return { scheme: 'header', header: 'PRIVATE-TOKEN', value: { variable } }
}

/** The GitLab of a plan with the token that may read pipelines and jobs, which a job's own may not. */
export function readApi(project: ReleasePlan['project'], network: Network): GitlabApi {
  return new GitlabApi(project, network, privateToken(readTokenVariable))
}

/** The most pages of a list that are read. */
const mostPages = 50

/**
 * GitLab's API as one token may use it, which goes nowhere else. By default it is a job's own. Retries nothing and follows no redirect.
 * Its JSON is asked for through `@gitbeaker/rest`; the bodies of artifacts are sent as they are.
 */
export class GitlabApi {
  readonly #client: HttpClient
  readonly #network: Network
  /** Where the API lies on its origin: an instance can live below a path. */
  readonly #base: string
  /** The variable that holds the token; `undefined` where there is none, or it is in no variable. */
  readonly variable: string | undefined

  /**
   * `'none'`: without a token, as visitors have it.
   * @throws {UsageError} no token, or an address that is none
   */
  constructor({ url, ca }: Pick<ReleasePlan['project'], 'url' | 'ca'>, network: Network, credential: Credential | 'none' = jobToken()) {
    const { origin, pathname } = new URL(url)
    this.#network = network
    this.#base = `${pathname.replace(/\/+$/, '')}/api/v4`
    this.variable = credential === 'none' ? undefined : variableOf(credential)
    const options = { asksBy: 'got', ...(ca !== undefined && { ca }) } as const
    this.#client = network.http(origin, credential === 'none' ? undefined : credential, options)
  }

  /** Scheme, host and port. */
  get origin(): string {
    return this.#client.origin
  }

  /**
   * Asks through one of gitbeaker's resources, and reads the answer by its schema; of a list, all pages.
   *
   * @throws {GitlabRefusal} a status that is no success
   * @throws {PutOff} it asks to be asked later
   * @throws {StagegateError} no answer, a server in trouble, or not the documented shape
   * @example
   * const job = await api.ask('Jobs', (jobs) => jobs.showConnectedJob(), CurrentJob, call)
   */
  async ask<N extends keyof Resources, T>(
    name: N,
    question: (resource: Resources[N]) => Promise<unknown>,
    schema: v.GenericSchema<unknown, T>,
    call: Call,
  ): Promise<T> {
    const { openResource } = await import('./resource.js')
    let path = ''
    let pages = 0
    const resource = openResource(name, async (request) => {
      path = request.path
      if (++pages > mostPages) throw this.#endless(path)
      return this.#requested(request, call)
    })
    const parsed = v.safeParse(schema, await question(resource), { abortEarly: true })
    if (parsed.success) return parsed.output
    const place = v.getDotPath(parsed.issues[0])
    throw this.#unexpected(path, `not what GitLab documents${place === null ? '' : `: ${place}`}`)
  }

  /**
   * Sends the bytes of a file. GitLab's answer, whatever its status but those of a server in trouble. `path` is below `/api/v4`.
   * @throws as `ask`
   */
  async put(path: string, body: Body | string, call: Call): Promise<HttpAnswer> {
    const headers = { accept: 'application/json', 'content-type': 'application/octet-stream' }
    return this.#judged(path, await this.#client.send({ method: 'PUT', path: this.#base + path, headers, body }, call))
  }

  /** The same for a file that is read, which may lie on a storage elsewhere: the token does not go there. */
  async download(path: string, call: Call): Promise<HttpDownload> {
    const answer = await this.#client.download(this.#base + path, call)
    try {
      return this.#judged(path, answer)
    } catch (error) {
      answer.stream.destroy()
      throw error
    }
  }

  /** For messages: the address without its query. */
  where(path: string): string {
    return `${this.#client.origin}${this.#base}${path.split('?', 1)[0]}`
  }

  /** Makes GitLab's words fit for a message. */
  quote(text: string): string {
    return this.#client.quote(text)
  }

  async #requested({ path, ...request }: GitlabRequest, call: Call): Promise<Pick<HttpAnswer, 'status' | 'headers'> & { body: unknown }> {
    const headers = { accept: 'application/json', ...request.headers }
    const answer = this.#judged(path, await this.#client.send({ ...request, headers, path: this.#base + path }, call))
    const { status } = answer
    if (status < 200 || status > 299) throw new GitlabRefusal(answer, this.where(path), (text) => this.quote(text))
    // Clients follow links; a list whose links were lost on the way would look complete.
    const { link = '', 'x-next-page': next = '' } = answer.headers
    if (next !== '' && !link.includes('rel="next"'))
      throw this.#unexpected(path, 'a list with more pages, but without the link to the next one')
    const body = v.safeParse(v.pipe(v.string(), v.parseJson()), answer.text)
    if (!body.success) {
      const found = this.quote(answer.text.slice(0, 80))
      throw this.#unexpected(path, `expected JSON, found ${found === '' ? 'nothing' : found}`)
    }
    return { status, headers: answer.headers, body: body.output }
  }

  #judged<T extends Pick<HttpAnswer, 'status' | 'headers'>>(path: string, answer: T): T {
    const { status, headers } = answer
    const where = this.where(path)
    if (status === 429) {
      const until = retryAt(headers['retry-after'], this.#network.clock.now())
      throw new PutOff({ what: 'the server is limiting requests (429)', where, until })
    }
    if (status >= 500) throw new StagegateError({ code: 'gitlab/unavailable', what: `the server answered ${status}`, where })
    return answer
  }

  /** Somebody can have put so much on it. */
  #endless(path: string): GateError {
    return new GateError({
      code: 'gate/endless-list',
      what: `a list did not end after ${mostPages} pages`,
      where: this.where(path),
      next: 'Nothing was done. Find out in GitLab who added so many entries.',
    })
  }

  #unexpected(path: string, what: string): StagegateError {
    return new StagegateError({ code: 'gitlab/unexpected-answer', what, where: this.where(path) })
  }
}

function variableOf(credential: Credential): string | undefined {
  if (credential.scheme !== 'header') return undefined
  const { value } = credential
  return typeof value !== 'function' && 'variable' in value ? value.variable : undefined
}
