import { type ReleasePlan, readTokenVariable, StagegateError } from '@stagegate/schema'
import type { Call } from '../contract/capabilities.js'
import { PutOff } from '../contract/put-off.js'
import type { Credential, HttpAnswer, HttpClient, HttpDownload, HttpRequest } from '../http/client.js'
import { retryAt } from '../http/retry-after.js'
import type { Environment } from '../repository/define.js'

const jobToken: Credential = { scheme: 'header', header: 'JOB-TOKEN', value: { variable: 'CI_JOB_TOKEN' } }
const readToken: Credential = { scheme: 'header', header: 'PRIVATE-TOKEN', value: { variable: readTokenVariable } }

/** The same GitLab with the token that may read pipelines and jobs, which a job's own may not. */
export function readApi(project: ReleasePlan['project'], environment: Environment): JobApi {
  return new JobApi(project, environment, readToken)
}

/** The GitLab of the plan as a job of it may use it: with the job's own token, which goes nowhere else. Retries nothing. */
export class JobApi {
  readonly #client: HttpClient
  readonly #environment: Environment
  /** Where the API lies on its origin: an instance can live below a path. */
  readonly #base: string

  /** @throws {UsageError} no token, or an address that is none */
  constructor({ url, ca }: Pick<ReleasePlan['project'], 'url' | 'ca'>, environment: Environment, credential = jobToken) {
    const { origin, pathname } = new URL(url)
    this.#environment = environment
    this.#base = `${pathname.replace(/\/+$/, '')}/api/v4`
    this.#client = environment.http(origin, credential, { ca })
  }

  /**
   * GitLab's answer, whatever its status. `path` is below `/api/v4`.
   * @throws {PutOff} it asks to be asked later
   * @throws {StagegateError} nothing that GitLab says: no answer, or a server in trouble
   */
  async send(request: HttpRequest, call: Call): Promise<HttpAnswer> {
    const headers = { accept: 'application/json', ...request.headers }
    return this.#judged(request.path, await this.#client.send({ ...request, headers, path: this.#base + request.path }, call))
  }

  /** The same for a file, which may lie on a storage elsewhere: the token does not go there. */
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

  #judged<T extends Pick<HttpAnswer, 'status' | 'headers'>>(path: string, answer: T): T {
    const { status, headers } = answer
    const where = this.where(path)
    if (status === 429) {
      const until = retryAt(headers['retry-after'], this.#environment.clock.now())
      throw new PutOff({ what: 'the server is asked too often (429)', where, until })
    }
    if (status >= 500) throw new StagegateError({ code: 'gitlab/unavailable', what: `the server answered ${status}`, where })
    return answer
  }
}
